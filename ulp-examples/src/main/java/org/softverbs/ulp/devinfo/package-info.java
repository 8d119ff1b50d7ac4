/// What devices there are and what they can do, printed as `ibv_devices` and `ibv_devinfo` print
/// it.
///
/// Depends on the verbs API and `tool`.
@NullMarked
package org.softverbs.ulp.devinfo;

import org.jspecify.annotations.NullMarked;
