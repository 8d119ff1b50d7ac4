/// Tests of the performance tests.
@NullMarked
package org.softverbs.ulp.perf;

import org.jspecify.annotations.NullMarked;
