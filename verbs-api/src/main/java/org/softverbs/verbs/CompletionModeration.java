package org.softverbs.verbs;

import java.time.Duration;

/// When an armed completion queue tells of its completions: when there are so many of them, or the
/// first of them has waited for so long.
///
/// Verbs name: `ibv_moderate_cq`.
///
/// @param count completions that bring an event, at most 65535
/// @param period time after the first of them that brings it at the latest, at most 65535
///     microseconds. When either is 0 each completion is told of at once
public record CompletionModeration(int count, Duration period) {

    /// Each completion is told of at once.
    public static final CompletionModeration OFF = new CompletionModeration(0, Duration.ZERO);

    /// Whether anything is held back.
    public boolean isOn() {
        return count > 0 && !period.isZero();
    }
}
