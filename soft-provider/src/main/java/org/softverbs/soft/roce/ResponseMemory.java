package org.softverbs.soft.roce;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.softverbs.soft.memory.AccessResult;
import org.softverbs.soft.memory.AccessRight;
import org.softverbs.soft.packet.RunList;
import org.softverbs.soft.qp.LocalMemory;
import org.softverbs.soft.qp.QueuePairCore;
import org.softverbs.soft.queue.SendWqe;
import org.softverbs.verbs.Cause;
import org.softverbs.verbs.MemoryRight;

/// Puts the data of responses where their requests want it.
final class ResponseMemory {

    static final long ATOMIC_LENGTH = 8;

    private final QueuePairCore qp;
    private final LocalMemory localMemory;
    private final RunList target = new RunList();
    private final RunList original = new RunList();
    private final MemorySegment originalValue = Arena.ofAuto().allocate(ATOMIC_LENGTH, 8);
    private @Nullable Cause refusal;

    ResponseMemory(QueuePairCore qp) {
        this.qp = qp;
        this.localMemory = new LocalMemory(qp.memory(), qp.accessor());
    }

    /// Places a part of a READ response.
    ///
    /// @return false when the memory of the request was refused, for [#refusal()]
    boolean place(SendWqe wqe, long offset, long length, RunList bytes) {
        target.clear();
        if (length == 0) {
            return true;
        }
        AccessResult result =
                localMemory.resolve(
                        wqe.elements(), offset, length, AccessRight.LOCAL_WRITE, target);
        if (result != AccessResult.GRANTED) {
            refusal = localMemory.refused(result, AccessRight.LOCAL_WRITE);
            return false;
        }
        if (!bytes.copyTo(target)) {
            refusal =
                    qp.memory()
                            .refused(
                                    AccessResult.MEMORY_GONE,
                                    qp.accessor(),
                                    MemoryRight.LOCAL_WRITE,
                                    wqe.elements().localKey(0),
                                    wqe.elements().address(0),
                                    wqe.elements().length(0));
            return false;
        }
        return true;
    }

    /// Places the old value that an atomic gave.
    ///
    /// @return as [#place]
    boolean placeOriginal(SendWqe wqe, long value) {
        originalValue.set(ValueLayout.JAVA_LONG, 0, value);
        original.clear();
        // A device that does not mind may have less room than that.
        long length = Math.min(ATOMIC_LENGTH, wqe.elements().total());
        original.add(originalValue, 0, length);
        return place(wqe, 0, length, original);
    }

    /// Why the last one was refused; only when it was.
    Cause refusal() {
        return Objects.requireNonNull(refusal);
    }
}
