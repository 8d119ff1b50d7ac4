/// Tests with JUnit 5: a host and its devices, or a fabric of nodes, ready made, with the sanitizer
/// on; and a watch over a whole suite ([org.softverbs.junit.SuiteWatch]).
///
/// Each test has its own, used by the test's threads. Depends on `sim`, `device`, `link`,
/// `profile`, `wire`, `host`, `dma`, the API, `jdk.jfr` and JUnit's API, which who uses this
/// package brings along.
@NullMarked
package org.softverbs.junit;

import org.jspecify.annotations.NullMarked;
