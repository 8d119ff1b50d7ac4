package org.softverbs.verbs;

/** Scatter/gather element. */
public record Sge(long address, int length, int localKey) {}
