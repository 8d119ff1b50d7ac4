package org.softverbs.soft.device;

import org.softverbs.soft.queue.CompletionEntry;
import org.softverbs.soft.queue.CompletionEntry.Extra;
import org.softverbs.verbs.CompletionCursor;
import org.softverbs.verbs.CompletionField;
import org.softverbs.verbs.Explanation;
import org.softverbs.verbs.WorkCompletion;
import org.softverbs.verbs.WorkCompletionOpcode;
import org.softverbs.verbs.WorkCompletionStatus;

/// Reads a completion queue into one entry of its own.
final class SoftCompletionCursor implements CompletionCursor {

    private final SoftCompletionQueue queue;
    private final CompletionEntry entry = new CompletionEntry();
    private final int fields;

    SoftCompletionCursor(SoftCompletionQueue queue) {
        this.queue = queue;
        int bits = 0;
        for (CompletionField field : queue.fields()) {
            bits |= field.bit();
        }
        this.fields = bits;
    }

    @Override
    public boolean next() {
        return queue.take(entry);
    }

    @Override
    public long workRequestId() {
        return entry.id();
    }

    @Override
    public WorkCompletionStatus status() {
        return entry.status();
    }

    @Override
    public WorkCompletionOpcode opcode() {
        return entry.opcode();
    }

    @Override
    public int vendorError() {
        return entry.vendorError();
    }

    @Override
    public long byteLength() {
        require(CompletionField.BYTE_LENGTH);
        return entry.byteLength();
    }

    @Override
    public boolean hasImmediate() {
        return entry.extra() == Extra.IMMEDIATE;
    }

    @Override
    public int immediate() {
        require(CompletionField.IMMEDIATE);
        return entry.immediateOrKey();
    }

    @Override
    public boolean hasInvalidatedKey() {
        return entry.extra() == Extra.INVALIDATED_KEY;
    }

    @Override
    public int invalidatedKey() {
        return entry.immediateOrKey();
    }

    @Override
    public int queuePairNumber() {
        require(CompletionField.QUEUE_PAIR_NUMBER);
        return entry.queuePairNumber();
    }

    @Override
    public boolean isDatagram() {
        return entry.isDatagram();
    }

    @Override
    public int sourceQueuePairNumber() {
        require(CompletionField.SOURCE_QUEUE_PAIR);
        return entry.sourceQueuePair();
    }

    @Override
    public long completionTimestamp() {
        require(CompletionField.COMPLETION_TIMESTAMP);
        return entry.timestamp();
    }

    @Override
    public long completionWallClock() {
        require(CompletionField.COMPLETION_WALL_CLOCK);
        return entry.wallClock();
    }

    private void require(CompletionField field) {
        if ((fields & field.bit()) == 0) {
            throw new IllegalStateException(
                    queue + " was not made to keep " + field + "; it keeps " + queue.fields());
        }
    }

    @Override
    public Explanation explain() {
        return entry.toWorkCompletion().explain();
    }

    @Override
    public WorkCompletion toWorkCompletion() {
        return entry.toWorkCompletion();
    }
}
