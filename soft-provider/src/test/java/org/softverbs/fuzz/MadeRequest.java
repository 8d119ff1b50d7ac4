package org.softverbs.fuzz;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import org.softverbs.soft.queue.SendOperation;
import org.softverbs.soft.queue.SendQueue;
import org.softverbs.soft.queue.SendWqe;
import org.softverbs.verbs.PlacementType;

/// A send request in the making. One is enough for a target.
final class MadeRequest {

    private final SendWqe wqe =
            new SendWqe(Bench.MAX_SGE, Arena.global().allocate(Bench.MAX_INLINE, Long.BYTES));

    /// Bytes that a FLUSH is for.
    static final int FLUSHED = 4096;

    final List<ResponderModel.Element> elements = new ArrayList<>();
    SendOperation operation = SendOperation.SEND;
    byte[] inline = new byte[0];
    boolean signaled;
    boolean fenced;
    boolean solicited;
    long address;
    int key;
    int immediate;
    long compare;
    long swapOrAdd;

    void begin(SendOperation newOperation) {
        operation = newOperation;
        elements.clear();
        inline = new byte[0];
        signaled = false;
        fenced = false;
        solicited = false;
        immediate = 0;
        compare = 0;
        swapOrAdd = 0;
    }

    /// Bytes of its message.
    long length() {
        long total = inline.length;
        for (ResponderModel.Element element : elements) {
            total += element.length();
        }
        return total;
    }

    /// Posts it.
    ///
    /// @return false when the queue is full
    boolean offer(long id, SendQueue queue) {
        wqe.begin(id, operation);
        wqe.signaled(signaled);
        wqe.fenced(fenced);
        wqe.solicited(solicited);
        wqe.remote(address, key);
        wqe.immediateOrKey(immediate);
        wqe.operands(compare, swapOrAdd);
        wqe.flush(FLUSHED, PlacementType.GLOBAL.bit(), false);
        for (ResponderModel.Element element : elements) {
            wqe.elements().add(element.address(), element.length(), element.key());
        }
        if (elements.isEmpty() && !operation.isPlacement()) {
            wqe.inline();
            wqe.appendInline(MemorySegment.ofArray(inline), 0, inline.length);
        }
        return queue.offer(wqe);
    }
}
