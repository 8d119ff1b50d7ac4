/// A fabric under a seed: hosts, devices, a network and a clock in one thread, and what goes wrong
/// in it, for tests that can be run again.
///
/// A world and all that is in it belong to one thread. Depends on `device`, `link`, `packet`,
/// `host`, `dma`, `script`, `trace` and `wire`.
@NullMarked
package org.softverbs.sim;

import org.jspecify.annotations.NullMarked;
