/// A device as a whole: the objects of the verbs API, the engine that runs its queue pairs, and the
/// owner: the one thread at a time that may touch them.
///
/// Depends on everything below it.
@NullMarked
package org.softverbs.soft.device;

import org.jspecify.annotations.NullMarked;
