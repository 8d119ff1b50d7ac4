/// Tests of the commands that look at running programs.
@NullMarked
package org.softverbs.ulp.observe;

import org.jspecify.annotations.NullMarked;
