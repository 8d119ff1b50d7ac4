/// The block store: a target that keeps blocks in its host's physical memory and, as those of NVMe
/// over Fabrics and iSER do, itself READs and WRITEs the memory of its clients; and its clients.
///
/// Duty: capsules, the target over `org.softverbs.rw`, the client over plain verbs, the commands
/// `store serve`, `store bench` and `store verify`. Owner: a target belongs to the thread that runs
/// it, a client to the thread that uses it; clients are let in by threads of their own. Depends on
/// the verbs API and on `org.softverbs.ulp.tool` only.
@NullMarked
package org.softverbs.ulp.store;

import org.jspecify.annotations.NullMarked;
