/// Tests of the ping-pongs.
@NullMarked
package org.softverbs.ulp.pingpong;

import org.jspecify.annotations.NullMarked;
