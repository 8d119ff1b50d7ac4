/// Tests of devices as a whole, mostly two of them on a network inside the JVM.
@NullMarked
package org.softverbs.soft.device;

import org.jspecify.annotations.NullMarked;
