/// The connection manager that programs see: IDs and event channels over the engines of the devices
/// (`soft.cm`), and the queue pairs that IDs move. What it needs of a device is
/// [org.softverbs.soft.rdmacm.CmDevice].
///
/// The state of an ID is guarded by its lock, which is taken after that of its device's owner;
/// notices come from the owner, verbs become the owner first. Events are handed over without any
/// lock of an ID. Depends on `soft.cm`, `wire.mad` and the API.
@NullMarked
package org.softverbs.soft.rdmacm;

import org.jspecify.annotations.NullMarked;
