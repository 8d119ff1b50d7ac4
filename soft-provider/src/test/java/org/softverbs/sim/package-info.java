@NullMarked
package org.softverbs.sim;

import org.jspecify.annotations.NullMarked;
