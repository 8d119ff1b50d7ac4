/**
 * Whole packets as values: for tools and tests, where clarity counts and allocation does not.
 * Engines use the flyweights of {@code wire.roce}.
 *
 * <p>Owner thread: values are immutable and free to all; the rest is confined to the thread that
 * uses it. Depends on {@code wire}, {@code wire.roce}, {@code wire.net}, {@code wire.pcap} and the
 * JDK only.
 */
@NullMarked
package org.softverbs.soft.wire.packet;

import org.jspecify.annotations.NullMarked;
