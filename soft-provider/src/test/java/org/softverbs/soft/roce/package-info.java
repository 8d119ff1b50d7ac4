/// Tests of the RC engine: packet scripts on a clock that the test moves.
@NullMarked
package org.softverbs.soft.roce;

import org.jspecify.annotations.NullMarked;
