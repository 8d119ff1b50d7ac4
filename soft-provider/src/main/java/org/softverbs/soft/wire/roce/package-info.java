/**
 * RoCEv2 on the wire: the base transport header and its extensions, the opcode table, 24-bit
 * sequence numbers, the invariant CRC, and whole packets as values.
 *
 * <p>Contract of the flyweights: {@code wrap} checks the length once; after that no accessor fails.
 * {@link org.softverbs.soft.wire.roce.PacketCheck} decides whether bytes from a stranger may be
 * wrapped at all.
 *
 * <p>Owner thread: every object here is confined to the thread that uses it; the enums and static
 * methods are free to all. Depends on {@code wire} and the JDK only. Source: InfiniBand
 * Architecture Specification volume 1, chapter 9, and annex A17 (RoCEv2); the Linux rxe driver
 * where they differ.
 */
@NullMarked
package org.softverbs.soft.wire.roce;

import org.jspecify.annotations.NullMarked;
