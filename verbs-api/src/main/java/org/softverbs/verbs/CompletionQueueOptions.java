package org.softverbs.verbs;

import java.util.HashSet;
import java.util.Optional;
import java.util.Set;

/// What a completion queue is made with.
///
/// Verbs name: `ibv_cq_init_attr_ex`.
///
/// @param entries completions it must hold at least
/// @param channel where its events go; nothing for a queue without events
/// @param vector the completion vector that serves it, from 0 (`comp_vector`)
/// @param fields what its cursors give besides number, status and opcode
/// @param singleThreaded whether one thread at a time uses it and its queue pairs, as the caller
///     promises (`IBV_CREATE_CQ_ATTR_SINGLE_THREADED`): a provider may do without locks
public record CompletionQueueOptions(
        int entries,
        Optional<CompletionChannel> channel,
        int vector,
        Set<CompletionField> fields,
        boolean singleThreaded) {

    public CompletionQueueOptions {
        fields = Set.copyOf(fields);
    }

    /// A queue without events, with the standard fields, on vector 0.
    public static CompletionQueueOptions of(int entries) {
        return new CompletionQueueOptions(
                entries, Optional.empty(), 0, CompletionField.standard(), false);
    }

    /// The same with events.
    public CompletionQueueOptions withChannel(CompletionChannel to) {
        return new CompletionQueueOptions(entries, Optional.of(to), vector, fields, singleThreaded);
    }

    /// The same on another completion vector.
    public CompletionQueueOptions withVector(int number) {
        return new CompletionQueueOptions(entries, channel, number, fields, singleThreaded);
    }

    /// The same with these fields and no others.
    public CompletionQueueOptions withFields(Set<CompletionField> only) {
        return new CompletionQueueOptions(entries, channel, vector, only, singleThreaded);
    }

    /// The same with one field more.
    public CompletionQueueOptions withField(CompletionField more) {
        Set<CompletionField> all = new HashSet<>(fields);
        all.add(more);
        return withFields(all);
    }

    /// The same for one thread at a time.
    public CompletionQueueOptions forOneThread() {
        return new CompletionQueueOptions(entries, channel, vector, fields, true);
    }
}
