/// Tests of the examples and tools as their users meet them.
@NullMarked
package org.softverbs.ulp;

import org.jspecify.annotations.NullMarked;
