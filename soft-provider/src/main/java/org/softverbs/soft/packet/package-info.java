/// What engines and links hand to each other: packets whose payload stays where it lies, and the
/// way they go.
///
/// Nothing here is safe for more than one thread; a packet belongs to the device's owner thread.
/// Depends on `wire` only.
@NullMarked
package org.softverbs.soft.packet;

import org.jspecify.annotations.NullMarked;
