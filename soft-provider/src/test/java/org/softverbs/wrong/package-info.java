/// Small ULPs that are wrong, one classic mistake each, and their right twins: the wrong ones are
/// found and explained, the right ones leave no report. They use the public API alone.
///
/// Owner thread: the test's. Depends on the verbs API.
@NullMarked
package org.softverbs.wrong;

import org.jspecify.annotations.NullMarked;
