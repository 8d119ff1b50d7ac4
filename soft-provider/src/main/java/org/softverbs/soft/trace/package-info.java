/// Traces, of a simulated run or of a real one: their records, the file that keeps them, and the
/// ladder that shows them.
///
/// [TraceRecorder] writes down a real run and may be told by any thread; everything else belongs to
/// who made it. Depends on `wire` and `host`.
@NullMarked
package org.softverbs.soft.trace;

import org.jspecify.annotations.NullMarked;
