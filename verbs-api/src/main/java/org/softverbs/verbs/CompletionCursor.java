package org.softverbs.verbs;

/// Reads completions without allocating: [#next()] takes the oldest completion out of the queue,
/// the accessors then give its fields until the next call.
///
/// A cursor belongs to one thread at a time; a queue may have many.
///
/// What the queue was not asked to keep when it was made cannot be read: the accessor of a
/// [CompletionField] that is not among [CompletionQueue#fields()] throws IllegalStateException.
///
/// Verbs name: `ibv_start_poll`, `ibv_next_poll` and the `ibv_wc_read_*` family.
public interface CompletionCursor {

    /// Takes the next completion; false when the queue is empty. Makes progress on a device that is
    /// driven by the thread that polls.
    boolean next();

    long workRequestId();

    WorkCompletionStatus status();

    WorkCompletionOpcode opcode();

    int vendorError();

    long byteLength();

    boolean hasImmediate();

    /// Immediate data in network order; only with [#hasImmediate()].
    int immediate();

    boolean hasInvalidatedKey();

    int invalidatedKey();

    int queuePairNumber();

    /// Whether the completion is that of a datagram that arrived.
    boolean isDatagram();

    /// Queue pair that a datagram came from; only with [#isDatagram()].
    int sourceQueuePairNumber();

    /// When the completion was added, in ticks of the device's clock; see
    /// [DeviceContext#queryRealTimeValues()]. With [CompletionField#COMPLETION_TIMESTAMP] only.
    ///
    /// Verbs name: `ibv_wc_read_completion_ts`.
    long completionTimestamp();

    /// When the completion was added, in nanoseconds since 1970 began. With
    /// [CompletionField#COMPLETION_WALL_CLOCK] only.
    ///
    /// Verbs name: `ibv_wc_read_completion_wallclock_ns`.
    long completionWallClock();

    /// Why the current completion is what it is, as [WorkCompletion#explain()].
    Explanation explain();

    /// The current completion as a value.
    WorkCompletion toWorkCompletion();
}
