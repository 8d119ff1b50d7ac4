/// Tests of what tells of devices.
@NullMarked
package org.softverbs.ulp.devinfo;

import org.jspecify.annotations.NullMarked;
