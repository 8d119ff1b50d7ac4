@NullMarked
package org.softverbs.soft.pci;

import org.jspecify.annotations.NullMarked;
