/// A scenario of memory: devices of every kind, what they map, and what both sides must find in it.
///
/// One thread. Depends on `sim`, `dma`, `memory` and `packet`.
@NullMarked
package org.softverbs.sim.dma;

import org.jspecify.annotations.NullMarked;
