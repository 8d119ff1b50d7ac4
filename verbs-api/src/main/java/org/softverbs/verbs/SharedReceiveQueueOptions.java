package org.softverbs.verbs;

/// What a shared receive queue is made with, and is like.
///
/// Verbs name: `ibv_srq_init_attr` with its `ibv_srq_attr` / `ib_srq_attr`.
///
/// @param maxRequests receives that it holds; what is granted is at least what was asked for
/// @param maxSge elements of one receive
/// @param limit when fewer receives are left an event tells; 0 for never
public record SharedReceiveQueueOptions(int maxRequests, int maxSge, int limit) {}
