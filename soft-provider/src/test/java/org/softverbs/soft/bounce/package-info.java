@NullMarked
package org.softverbs.soft.bounce;

import org.jspecify.annotations.NullMarked;
