package org.softverbs.rw;

/// What was decided for an I/O, and why.
///
/// @param strategy how its memory is described to the device
/// @param reason a sentence that names the fact which settled it
public record ReadWriteDecision(ReadWriteStrategy strategy, String reason) {}
