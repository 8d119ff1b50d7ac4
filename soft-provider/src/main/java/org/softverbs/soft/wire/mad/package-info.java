/**
 * Management datagrams of the connection manager, as they go to queue pair 1. Each message is a
 * flyweight over the 232 bytes that follow the {@link
 * org.softverbs.soft.wire.mad.MadHeaderFlyweight}.
 *
 * <p>Owner thread: a flyweight belongs to the thread that wraps it. Depends on {@code wire} and the
 * JDK only. Source: InfiniBand specification volume 1, chapter 12, and annex A11 (IP addressing).
 */
@NullMarked
package org.softverbs.soft.wire.mad;

import org.jspecify.annotations.NullMarked;
