package org.softverbs.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import org.softverbs.verbs.AddressHandle;
import org.softverbs.verbs.DatagramDestination;
import org.softverbs.verbs.DatagramSource;
import org.softverbs.verbs.WorkCompletion;

/// A queue pair for datagrams with room for a number of them, each on bytes of its own. It knows
/// what is under way to it, and looks whether that comes.
final class Mailbox {

    private static final int MOST = 1 << 12;

    private final End end;
    private final AddressHandle peer;
    private final int depth;
    private final int slot;
    private final Buffer outgoing;
    private final Buffer incoming;

    /// Of each sender what comes, in order.
    private final Map<Integer, Queue<MemorySegment>> expected = new HashMap<>();

    private int sent;
    private long completed;
    private int posted;

    /// @param peer the way to all that it sends to; others may use it, too
    /// @param depth datagrams under way at most, in each direction
    /// @param slot bytes of the longest
    Mailbox(Node node, AddressHandle peer, int depth, int slot) {
        this.end = Datagrams.open(node, Setup.standard().withRequests(depth));
        this.peer = peer;
        this.depth = depth;
        this.slot = slot;
        this.outgoing = node.buffer((long) depth * slot);
        this.incoming = node.buffer((long) depth * (slot + Datagrams.HEADER));
    }

    End end() {
        return end;
    }

    /// Posts so many receives.
    void post(int count) {
        long length = (long) slot + Datagrams.HEADER;
        for (int i = 0; i < count; i++) {
            long at = posted++ % depth * length;
            end.receive(at, incoming.part(at, length));
        }
    }

    private Queue<MemorySegment> comingFrom(int sender) {
        return expected.computeIfAbsent(sender, any -> new ArrayDeque<>());
    }

    /// Sends a datagram that differs from the one before, and posts the receive for it.
    void send(Mailbox to, int length) {
        long at = (long) (sent % depth) * slot;
        MemorySegment bytes = outgoing.bytes().asSlice(at, length);
        for (int i = 0; i < length; i++) {
            bytes.set(ValueLayout.JAVA_BYTE, i, (byte) (end.number() + sent * 31 + i * 7));
        }
        to.post(1);
        to.comingFrom(end.number()).add(bytes);
        DatagramDestination there =
                new DatagramDestination(peer, to.end.number(), Datagrams.QUEUE_KEY);
        end.post(Datagrams.send(sent++, there, outgoing.part(at, length)));
    }

    /// All of so many sends are done, in order.
    void expectSent(int count) {
        List<WorkCompletion> done = end.sends().poll(MOST);
        assertThat(done).hasSize(count).allMatch(WorkCompletion::isSuccess);
        for (WorkCompletion completion : done) {
            assertThat(completion.workRequestId()).isEqualTo(completed++);
        }
    }

    /// All that was sent to it is there, and no more.
    void expectReceived(int count) {
        List<WorkCompletion> received = end.receives().poll(MOST);
        assertThat(received).hasSize(count).allMatch(WorkCompletion::isSuccess);
        for (WorkCompletion completion : received) {
            int from = completion.source().map(DatagramSource::queuePairNumber).orElseThrow();
            MemorySegment bytes = comingFrom(from).remove();
            assertThat(completion.byteLength()).isEqualTo(bytes.byteSize() + Datagrams.HEADER);
            long at = completion.workRequestId() + Datagrams.HEADER;
            assertThat(incoming.bytes().asSlice(at, bytes.byteSize()).mismatch(bytes))
                    .isEqualTo(-1);
        }
        assertThat(expected.values()).allMatch(Queue::isEmpty);
    }
}
