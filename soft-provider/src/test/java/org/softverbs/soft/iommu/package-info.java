@NullMarked
package org.softverbs.soft.iommu;

import org.jspecify.annotations.NullMarked;
