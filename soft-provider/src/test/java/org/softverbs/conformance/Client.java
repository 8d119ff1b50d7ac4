package org.softverbs.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Queue;
import java.util.Set;
import org.softverbs.verbs.SendFlag;
import org.softverbs.verbs.SendWorkRequest;
import org.softverbs.verbs.Sge;
import org.softverbs.verbs.WorkCompletion;

/// A connection with a number of operations under way, each on bytes of its own, whose data are
/// looked at when it completes.
final class Client {

    /// What a client does.
    enum Work {
        SEND,
        WRITE,
        READ,
        FETCH_AND_ADD,
        COMPARE_AND_SWAP,
        COMPARE_AND_NOT_SWAP;

        boolean isAtomic() {
            return this == FETCH_AND_ADD
                    || this == COMPARE_AND_SWAP
                    || this == COMPARE_AND_NOT_SWAP;
        }
    }

    /// An operation under way.
    private record Pending(Work work, long id, int length) {}

    private static final int WORD = 8;
    private static final int MOST = 1 << 16;
    private static final int ENTRIES = 1024;

    private final Pair pair;
    private final int depth;
    private final int slot;
    private final Buffer own;
    private final Buffer peer;
    private final Queue<Pending> pending = new ArrayDeque<>();
    private long next;

    /// @param depth operations under way at most
    /// @param slot bytes of the longest
    Client(Rig rig, int depth, int slot) {
        this(rig.connect(Setup.standard().withRequests(depth).withEntries(ENTRIES)), depth, slot);
    }

    Client(Pair pair, int depth, int slot) {
        this.pair = pair;
        this.depth = depth;
        this.slot = Math.max(WORD, (slot + WORD - 1) / WORD * WORD);
        this.own = pair.left().node().buffer((long) depth * this.slot);
        this.peer = pair.right().node().buffer((long) depth * this.slot);
    }

    Pair pair() {
        return pair;
    }

    boolean hasRoom() {
        return pending.size() < depth;
    }

    boolean isIdle() {
        return pending.isEmpty();
    }

    private long offset(long id) {
        return id % depth * slot;
    }

    private MemorySegment part(Buffer buffer, Pending of) {
        return buffer.bytes().asSlice(offset(of.id), of.length);
    }

    private static void fill(MemorySegment bytes, long value) {
        for (long i = 0; i < bytes.byteSize(); i++) {
            bytes.set(ValueLayout.JAVA_BYTE, i, (byte) (value * 31 + i * 7 + 1));
        }
    }

    /// Begins an operation; an atomic is of 8 bytes, whatever the length.
    void start(Work work, int length) {
        pair.left().post(prepare(work, length));
    }

    /// Prepares an operation, to be posted in its turn.
    SendWorkRequest prepare(Work work, int length) {
        Pending started = new Pending(work, next++, work.isAtomic() ? WORD : length);
        fill(part(own, started), work == Work.READ ? 0 : started.id);
        fill(part(peer, started), work == Work.READ ? started.id : 0);
        long at = offset(started.id);
        if (work.isAtomic()) {
            peer.word(at, started.id);
        }
        if (work == Work.SEND) {
            pair.right().receive(started.id, peer.part(at, started.length));
        }
        pending.add(started);
        return request(started);
    }

    private SendWorkRequest request(Pending of) {
        Set<SendFlag> flags = Requests.SIGNALED.flags();
        long at = offset(of.id);
        List<Sge> list = List.of(own.part(at, of.length));
        long to = peer.address() + at;
        int key = peer.key();
        return switch (of.work) {
            case SEND -> new SendWorkRequest.Send(of.id, list, flags);
            case WRITE -> new SendWorkRequest.RdmaWrite(of.id, list, to, key, flags);
            case READ -> new SendWorkRequest.RdmaRead(of.id, list, to, key, flags);
            case FETCH_AND_ADD -> new SendWorkRequest.FetchAndAdd(of.id, list, to, key, 5, flags);
            case COMPARE_AND_SWAP ->
                    new SendWorkRequest.CompareAndSwap(of.id, list, to, key, of.id, -1, flags);
            case COMPARE_AND_NOT_SWAP ->
                    new SendWorkRequest.CompareAndSwap(of.id, list, to, key, of.id + 1, -1, flags);
        };
    }

    /// Takes what completed, at most so many, and looks at the data.
    ///
    /// @return how many it were
    int collect(int most) {
        List<WorkCompletion> done = pair.left().sends().poll(most);
        for (WorkCompletion completion : done) {
            Pending ended = pending.remove();
            assertThat(completion.isSuccess()).as("%s %s", ended, completion).isTrue();
            assertThat(completion.workRequestId()).isEqualTo(ended.id);
            assertThat(completion.queuePairNumber()).isEqualTo(pair.left().number());
            check(ended);
        }
        return done.size();
    }

    /// Takes all that completed, receives too, and looks at the data.
    ///
    /// @return how many operations it were
    int collect() {
        assertThat(pair.right().receives().poll(MOST)).allMatch(WorkCompletion::isSuccess);
        return collect(MOST);
    }

    private void check(Pending ended) {
        switch (ended.work) {
            case SEND, WRITE, READ ->
                    assertThat(part(peer, ended).mismatch(part(own, ended)))
                            .as("%s", ended)
                            .isEqualTo(-1);
            case FETCH_AND_ADD -> expectWords(ended, ended.id + 5);
            case COMPARE_AND_SWAP -> expectWords(ended, -1);
            case COMPARE_AND_NOT_SWAP -> expectWords(ended, ended.id);
        }
    }

    private void expectWords(Pending ended, long after) {
        assertThat(own.word(offset(ended.id))).as("old of %s", ended).isEqualTo(ended.id);
        assertThat(peer.word(offset(ended.id))).as("new of %s", ended).isEqualTo(after);
    }

    /// The receives of the sends so far, which must all be there.
    void collectReceives(int expected) {
        List<WorkCompletion> done = pair.right().receives().poll(MOST);
        assertThat(done).hasSize(expected).allMatch(WorkCompletion::isSuccess);
    }

    /// Gives back all that it is made of.
    void close() {
        for (End end : List.of(pair.left(), pair.right())) {
            end.queuePair().close();
            end.sends().close();
            end.receives().close();
        }
        own.region().close();
        peer.region().close();
    }
}
