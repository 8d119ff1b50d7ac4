/// How packets leave a device and reach it: the [PacketLink], links inside this JVM, and decorators
/// that record and that do harm.
///
/// A link belongs to the owner of its device. Depends on `packet`, `wire` and `trace`.
@NullMarked
package org.softverbs.soft.link;

import org.jspecify.annotations.NullMarked;
