/// Where devices differ: single deviations, and profiles that name those of an adapter.
///
/// Values without behaviour; any thread. Depends on nothing.
@NullMarked
package org.softverbs.soft.profile;

import org.jspecify.annotations.NullMarked;
