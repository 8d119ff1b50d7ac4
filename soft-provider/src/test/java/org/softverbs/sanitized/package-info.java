/// The tests of other packages with the sanitizer on: switched on by the system property
/// `softverbs.sanitizer` = `on`, it fails a test for every report that the test does not announce.
///
/// Owner thread: the test's. Depends on hosts and on the sanitizer's public interface.
@NullMarked
package org.softverbs.sanitized;

import org.jspecify.annotations.NullMarked;
