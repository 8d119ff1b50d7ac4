/// InfiniBand's communication management without threads, clocks and sockets: one
/// [org.softverbs.soft.cm.CmEngine] for each device takes management datagrams, the time and
/// verbs, and gives datagrams, notices to
/// consumers and its next deadline. It touches no queue pair.
///
/// Everything here belongs to the owner of the device. Depends on `wire.mad`, `host` (for numbers
/// that nobody guesses) and the API packages `verbs` and `cm` (values only). Sources: InfiniBand
/// Architecture Specification volume 1, chapter 12 and annex A11; `drivers/infiniband/core/cm.c`
/// of Linux.
@NullMarked
package org.softverbs.soft.cm;

import org.jspecify.annotations.NullMarked;
