@NullMarked
package org.softverbs.soft.dma;

import org.jspecify.annotations.NullMarked;
