/// The few collections that the hot path needs and the JDK has only with boxing.
///
/// Not safe for more than one thread. Depends on nothing.
@NullMarked
package org.softverbs.soft.collection;

import org.jspecify.annotations.NullMarked;
