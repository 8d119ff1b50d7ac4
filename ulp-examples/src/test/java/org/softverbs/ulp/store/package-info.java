/// Tests of the block store.
@NullMarked
package org.softverbs.ulp.store;

import org.jspecify.annotations.NullMarked;
