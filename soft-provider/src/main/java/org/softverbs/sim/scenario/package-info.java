/// The catalogue of scenarios.
///
/// Depends on `sim` and the packages of the scenarios.
@NullMarked
package org.softverbs.sim.scenario;

import org.jspecify.annotations.NullMarked;
