@NullMarked
package org.softverbs.sim.rw;

import org.jspecify.annotations.NullMarked;
