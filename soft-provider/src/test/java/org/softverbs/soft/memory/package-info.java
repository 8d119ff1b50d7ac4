/// Tests of keys and access checks.
@NullMarked
package org.softverbs.soft.memory;

import org.jspecify.annotations.NullMarked;
