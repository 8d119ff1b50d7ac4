@NullMarked
package org.softverbs.soft.physical;

import org.jspecify.annotations.NullMarked;
