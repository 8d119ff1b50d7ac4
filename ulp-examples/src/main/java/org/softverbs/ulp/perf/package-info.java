/// The performance tests: perftest's `ib_send_bw` and its like, in either role.
///
/// Duty: perftest's TCP exchange, its eight tests over reliable connections, its columns. Owner:
/// the thread that runs the tool. Depends on the verbs API and on `org.softverbs.ulp.tool` only.
@NullMarked
package org.softverbs.ulp.perf;

import org.jspecify.annotations.NullMarked;
