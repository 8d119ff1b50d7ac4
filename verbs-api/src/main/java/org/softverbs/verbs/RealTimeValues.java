package org.softverbs.verbs;

/// What the clocks of a device show, read together: a completion's timestamp is as long ago as the
/// raw clock has gone on since.
///
/// Verbs name: `ibv_values_ex`.
///
/// @param rawClock ticks of the clock that completions are stamped with
/// @param wallClock nanoseconds since 1970 began, by the clock on the wall
public record RealTimeValues(long rawClock, long wallClock) {}
