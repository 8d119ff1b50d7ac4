/// Scenarios over reliable connections, and the model that judges them. The model is told of each
/// request before the engines are, sees their memory and completions, and knows no code of theirs.
///
/// One thread. Depends on `sim` and on the verbs API only.
@NullMarked
package org.softverbs.sim.rc;

import org.jspecify.annotations.NullMarked;
