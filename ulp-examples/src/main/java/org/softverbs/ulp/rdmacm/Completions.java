package org.softverbs.ulp.rdmacm;

import java.time.Duration;
import org.softverbs.ulp.tool.ToolException;
import org.softverbs.verbs.CompletionChannel;
import org.softverbs.verbs.CompletionCursor;
import org.softverbs.verbs.CompletionQueue;
import org.softverbs.verbs.DeviceContext;
import org.softverbs.verbs.WorkCompletion;
import org.softverbs.verbs.WorkCompletionStatus;

/// A completion queue that a thread sleeps on.
final class Completions implements AutoCloseable {

    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private final CompletionChannel channel;
    private final CompletionQueue queue;
    private final CompletionCursor cursor;

    Completions(DeviceContext context, int entries) {
        channel = context.createCompletionChannel();
        queue = context.createCompletionQueue(entries, channel);
        cursor = queue.cursor();
    }

    CompletionQueue queue() {
        return queue;
    }

    /// Waits for a completion: one that succeeded, or one that was flushed as the connection is
    /// over.
    ///
    /// @return it, until the next call
    /// @throws ToolException when it tells of an error, or none comes for a minute
    CompletionCursor await() throws InterruptedException {
        while (!cursor.next()) {
            queue.requestNotification(false);
            if (cursor.next()) {
                break;
            }
            if (channel.awaitEvent(PATIENCE).isEmpty()) {
                throw new ToolException(
                        "the peer was silent for " + PATIENCE.toSeconds() + " seconds");
            }
            queue.acknowledgeEvents(1);
        }
        WorkCompletionStatus status = cursor.status();
        if (status != WorkCompletionStatus.SUCCESS && status != WorkCompletionStatus.WR_FLUSH_ERR) {
            throw new ToolException("completion with error: " + cursor.explain().line());
        }
        return cursor;
    }

    /// Waits for a completion of a request that was carried out.
    ///
    /// @throws ToolException as [#await()], and when the connection is over before
    WorkCompletion take() throws InterruptedException {
        CompletionCursor completion = await();
        if (completion.status() != WorkCompletionStatus.SUCCESS) {
            throw new ToolException("the connection ended: " + completion.explain().line());
        }
        return completion.toWorkCompletion();
    }

    /// Waits for so many completions.
    ///
    /// @throws ToolException as [#take()]
    void await(int count) throws InterruptedException {
        for (int i = 0; i < count; i++) {
            take();
        }
    }

    @Override
    public void close() {
        queue.close();
        channel.close();
    }
}
