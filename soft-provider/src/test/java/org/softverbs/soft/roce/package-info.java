/// Packet scripts: one engine, a recording output, a clock that the test moves.
@NullMarked
package org.softverbs.soft.roce;

import org.jspecify.annotations.NullMarked;
