/// Tests of links and their decorators.
@NullMarked
package org.softverbs.soft.link;

import org.jspecify.annotations.NullMarked;
