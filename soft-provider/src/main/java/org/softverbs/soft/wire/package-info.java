/**
 * What all header codecs share: big-endian unaligned access and the base of the flyweights.
 *
 * <p>Owner thread: a flyweight belongs to the thread that wraps it. Depends on the JDK only.
 */
@NullMarked
package org.softverbs.soft.wire;

import org.jspecify.annotations.NullMarked;
