/// Tests of traces.
///
/// Depends on the soft provider's traces.
@NullMarked
package org.softverbs.soft.trace;

import org.jspecify.annotations.NullMarked;
