package org.softverbs.verbs;

import java.util.List;
import java.util.Set;

/// Where completions arrive, in the order the work ended.
///
/// Verbs name: `ibv_cq` / `ib_cq`.
public interface CompletionQueue extends AutoCloseable {

    DeviceContext context();

    /// Completions it holds; at least what was asked for.
    int entries();

    /// Changes how many completions it holds. What is in it stays, in its order, and so does what
    /// was asked for with [#requestNotification]; work goes on meanwhile.
    ///
    /// Verbs name: `ibv_resize_cq`.
    ///
    /// @param entries completions it must hold at least
    /// @throws VerbsException `EINVAL` when it is below 1, above the device's limit, or below what
    ///     is in the queue; `ENOMEM` when there is no memory for it
    void resize(int entries);

    /// The completion vector that serves it.
    int vector();

    /// What its cursors give besides number, status and opcode.
    Set<CompletionField> fields();

    /// Has one event tell of several completions. What was armed before is held back, too, and
    /// what is held back already goes out by the new rule.
    ///
    /// Verbs name: `ibv_modify_cq`.
    ///
    /// @throws VerbsException `EINVAL` for a count or a period out of the device's range; nothing
    ///     changed
    void moderate(CompletionModeration moderation);

    /// Takes completions out, oldest first. Makes progress on a device that is driven by the thread
    /// that polls.
    ///
    /// @param max most to take, at least 1
    /// @throws IllegalArgumentException when `max` is below 1
    List<WorkCompletion> poll(int max);

    /// A way to poll without allocation.
    CompletionCursor cursor();

    /// Asks for one event on the channel at the next completion. A completion that is in the queue
    /// already raises none: poll again after this.
    ///
    /// @param solicitedOnly only for a solicited receive or an error
    /// @throws VerbsException `EINVAL` when the queue has no channel
    void requestNotification(boolean solicitedOnly);

    /// Acknowledges events taken from the channel.
    ///
    /// @throws VerbsException `EINVAL` when more are acknowledged than were taken
    void acknowledgeEvents(int count);

    /// @throws VerbsException `EBUSY` when queue pairs still use it or events are not acknowledged
    @Override
    void close();
}
