/// The transport services of RoCEv2, without threads, clocks or sockets.
///
/// A queue pair of a reliable connection has a [RcRequester], which sends requests, a
/// [RcCompleter], which takes what comes back for them, and a [RcResponder], which carries out
/// the peer's. [RcEngine] holds the three
/// together. Unreliable connections and datagrams have an [UnreliableEngine] with a requester and a
/// receiver. All belong to the owner of the device. Depends on `qp`, `queue`, `memory`, `packet`,
/// `jfr` and `wire`.
///
/// Source: InfiniBand Architecture Specification, volume 1, chapter 9 (transport layer), as far as
/// it is known from its implementations, and the behaviour of Linux rxe on captured traffic.
@NullMarked
package org.softverbs.soft.roce;

import org.jspecify.annotations.NullMarked;
