/// Tests of device profiles by name.
@NullMarked
package org.softverbs.soft.profile;

import org.jspecify.annotations.NullMarked;
