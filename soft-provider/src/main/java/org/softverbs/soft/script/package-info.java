/// Packet scripts (`.rpkt`): text that drives one engine of a queue pair and says what must come of
/// it; how such a script is read, run and written. `docs/packet-scripts.md` is the form.
///
/// [RpktScript] reads, [RpktRunner] runs, [RpktWriter] writes; [EngineScripts] writes what happens
/// to the queue pairs of a device. Nothing here has a thread, a clock or a random source of its
/// own; each object belongs to who made it. Depends on `roce`, `qp`, `queue`, `memory`, `packet`,
/// `wire`, `trace` and `host`.
@NullMarked
package org.softverbs.soft.script;

import org.jspecify.annotations.NullMarked;
