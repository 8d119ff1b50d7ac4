@NullMarked
package org.softverbs.soft.explain;

import org.jspecify.annotations.NullMarked;
