/// The JUnit extension.
@NullMarked
package org.softverbs.junit;

import org.jspecify.annotations.NullMarked;
