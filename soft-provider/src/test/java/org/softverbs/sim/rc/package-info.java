@NullMarked
package org.softverbs.sim.rc;

import org.jspecify.annotations.NullMarked;
