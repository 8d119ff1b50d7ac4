/// Tests of the source tree as a whole.
@NullMarked
package org.softverbs.soft;

import org.jspecify.annotations.NullMarked;
