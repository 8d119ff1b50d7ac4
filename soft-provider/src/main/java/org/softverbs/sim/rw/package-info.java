/// A scenario of I/Os: scattered memory is read and written by elements or registrations, and every
/// error path gives back what it took.
///
/// One thread. Depends on `sim`, `sim.dma` and on the verbs API.
@NullMarked
package org.softverbs.sim.rw;

import org.jspecify.annotations.NullMarked;
