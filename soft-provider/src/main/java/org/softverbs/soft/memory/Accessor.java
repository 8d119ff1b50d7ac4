package org.softverbs.soft.memory;

/// Who wants to use memory.
///
/// @param domain number of the protection domain of the queue pair that asks
/// @param queuePair number of that queue pair
/// @param privileged whether the domain is kernel code's, which may use the local DMA key
public record Accessor(int domain, int queuePair, boolean privileged) {}
