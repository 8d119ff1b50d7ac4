/// Tests of the connection manager's engine: engines on a bench with a wire that loses and doubles
/// datagrams, and a clock that the test moves.
@NullMarked
package org.softverbs.soft.cm;

import org.jspecify.annotations.NullMarked;
