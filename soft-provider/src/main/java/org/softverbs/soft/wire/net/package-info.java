/**
 * Ethernet, IP and UDP headers: what captures and raw links see around a RoCEv2 packet.
 *
 * <p>Owner thread: a flyweight belongs to the thread that wraps it. Depends on {@code wire} and the
 * JDK only.
 */
@NullMarked
package org.softverbs.soft.wire.net;

import org.jspecify.annotations.NullMarked;
