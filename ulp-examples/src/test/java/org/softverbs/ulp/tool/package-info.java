/// Tests of what the tools have in common.
@NullMarked
package org.softverbs.ulp.tool;

import org.jspecify.annotations.NullMarked;
