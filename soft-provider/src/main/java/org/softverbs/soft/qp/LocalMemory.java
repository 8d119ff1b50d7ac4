package org.softverbs.soft.qp;

import org.softverbs.soft.memory.AccessResult;
import org.softverbs.soft.memory.AccessRight;
import org.softverbs.soft.memory.Accessor;
import org.softverbs.soft.memory.MemoryAccess;
import org.softverbs.soft.packet.RunList;
import org.softverbs.soft.queue.SendWqe;
import org.softverbs.soft.queue.SgeList;
import org.softverbs.verbs.Cause;

/// Finds the bytes of a part of a message that the elements of a work request describe.
public final class LocalMemory {

    private final MemoryAccess memory;
    private Accessor who;
    private int refusedKey;
    private long refusedAddress;
    private long refusedLength;

    public LocalMemory(MemoryAccess memory, Accessor who) {
        this.memory = memory;
        this.who = who;
    }

    /// As who it asks for memory from now on.
    public void who(Accessor other) {
        who = other;
    }

    /// Adds the runs of `length` bytes at `offset` of the message. Elements of no bytes are skipped
    /// and their keys not looked at.
    ///
    /// @return the first refusal, or `GRANTED`; `OUT_OF_BOUNDS` when the elements end too early
    public AccessResult resolve(
            SgeList elements, long offset, long length, AccessRight right, RunList runs) {
        long skip = offset;
        long rest = length;
        for (int i = 0; i < elements.count() && rest > 0; i++) {
            long size = elements.length(i);
            if (skip >= size) {
                skip -= size;
                continue;
            }
            long part = Math.min(size - skip, rest);
            AccessResult result =
                    memory.resolve(
                            who,
                            elements.localKey(i),
                            elements.address(i) + skip,
                            part,
                            right,
                            runs);
            if (result != AccessResult.GRANTED) {
                refuse(elements.localKey(i), elements.address(i) + skip, part);
                return result;
            }
            skip = 0;
            rest -= part;
        }
        if (rest == 0) {
            return AccessResult.GRANTED;
        }
        refuse(0, 0, rest);
        return AccessResult.OUT_OF_BOUNDS;
    }

    /// Adds a part of a request's message: its inline data, or the runs of its elements.
    ///
    /// @return the first refusal, or `GRANTED`
    public AccessResult gather(SendWqe wqe, long offset, long length, RunList runs) {
        if (wqe.isInline()) {
            if (length > 0) {
                runs.add(wqe.inlineBuffer(), offset, length);
            }
            return AccessResult.GRANTED;
        }
        return resolve(wqe.elements(), offset, length, AccessRight.LOCAL_READ, runs);
    }

    private void refuse(int key, long address, long length) {
        refusedKey = key;
        refusedAddress = address;
        refusedLength = length;
    }

    /// What the last [#resolve] refused.
    public Cause.MemoryRefused refused(AccessResult result, AccessRight right) {
        return memory.refused(
                result, who, right.memoryRight(), refusedKey, refusedAddress, refusedLength);
    }
}
