package org.softverbs.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.softverbs.verbs.WorkCompletionStatus.REM_ACCESS_ERR;
import static org.softverbs.verbs.WorkCompletionStatus.SUCCESS;

import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.softverbs.verbs.AccessFlag;
import org.softverbs.verbs.MemoryWindow;
import org.softverbs.verbs.MemoryWindowType;
import org.softverbs.verbs.PlacementType;
import org.softverbs.verbs.SelectivityLevel;
import org.softverbs.verbs.SendCursor;
import org.softverbs.verbs.WorkCompletion;
import org.softverbs.verbs.WorkCompletionOpcode;

/// Rows PYV-QPEX on RC and UD: each operation as the extended interface posts it, here by a
/// [SendCursor].
@Conformance
class SendCursorTest {

    private static final long ID = 5;

    /// Posts what a cursor holds, signaled, and sees how it ends.
    private static void shouldSucceed(End left, SendCursor request, WorkCompletionOpcode opcode) {
        request.signaled().post();
        List<WorkCompletion> done = left.sent();
        assertThat(done).hasSize(1);
        assertThat(done.getFirst().status()).isEqualTo(SUCCESS);
        assertThat(done.getFirst().workRequestId()).isEqualTo(ID);
        assertThat(done.getFirst().opcode()).isEqualTo(opcode);
    }

    private static SendCursor cursor(Pair pair) {
        return pair.left().queuePair().sendCursor();
    }

    private static SendCursor with(SendCursor cursor, Buffer buffer) {
        return cursor.element(buffer.address(), (int) buffer.region().length(), buffer.key());
    }

    @Test
    @Tag("PYV-QPEX-001")
    void shouldSendADatagram(Rig rig) {
        End left = Datagrams.open(rig.left());
        End right = Datagrams.open(rig.right());
        Buffer own = rig.left().buffer(100).fill(1);
        Buffer to = rig.right().buffer(100 + Datagrams.HEADER);
        right.receive(1, to.all());
        SendCursor cursor =
                left.queuePair()
                        .sendCursor()
                        .send(ID)
                        .destination(
                                rig.left().handle(rig.right()),
                                right.number(),
                                Datagrams.QUEUE_KEY);
        shouldSucceed(left, with(cursor, own), WorkCompletionOpcode.SEND);
        assertThat(right.receivedStatuses()).containsExactly(SUCCESS);
        assertThat(to.bytes().asSlice(Datagrams.HEADER).mismatch(own.bytes())).isEqualTo(-1);
    }

    @Test
    @Tag("PYV-QPEX-003")
    void shouldSend(Rig rig) {
        Pair pair = rig.connect();
        Buffer own = rig.left().buffer(100).fill(1);
        Buffer to = rig.right().buffer(100);
        pair.right().receive(1, to.all());
        shouldSucceed(pair.left(), with(cursor(pair).send(ID), own), WorkCompletionOpcode.SEND);
        assertThat(pair.right().receivedStatuses()).containsExactly(SUCCESS);
        assertThat(to.equalsBytes(own)).isTrue();
    }

    @Test
    @Tag("PYV-QPEX-011")
    void shouldWrite(Rig rig) {
        Pair pair = rig.connect();
        Buffer own = rig.left().buffer(100).fill(1);
        Buffer to = rig.right().buffer(100);
        shouldSucceed(
                pair.left(),
                with(cursor(pair).rdmaWrite(ID, to.address(), to.key()), own),
                WorkCompletionOpcode.RDMA_WRITE);
        assertThat(to.equalsBytes(own)).isTrue();
    }

    @Test
    @Tag("PYV-QPEX-014")
    void shouldRead(Rig rig) {
        Pair pair = rig.connect();
        Buffer own = rig.left().buffer(100);
        Buffer from = rig.right().buffer(100).fill(1);
        shouldSucceed(
                pair.left(),
                with(cursor(pair).rdmaRead(ID, from.address(), from.key()), own),
                WorkCompletionOpcode.RDMA_READ);
        assertThat(own.equalsBytes(from)).isTrue();
    }

    @Test
    @Tag("PYV-QPEX-015")
    void shouldReadNothing(Rig rig) {
        Pair pair = rig.connect();
        Buffer own = rig.left().buffer(100);
        Buffer from = rig.right().buffer(100).fill(1);
        shouldSucceed(
                pair.left(),
                cursor(pair)
                        .rdmaRead(ID, from.address(), from.key())
                        .element(own.address(), 0, own.key()),
                WorkCompletionOpcode.RDMA_READ);
        assertThat(own.copy()).containsOnly(0);
    }

    @Test
    @Tag("PYV-QPEX-016")
    void shouldCompareAndSwap(Rig rig) {
        Pair pair = rig.connect();
        Buffer own = rig.left().buffer(8);
        Buffer word = rig.right().buffer(8).word(0, 41);
        shouldSucceed(
                pair.left(),
                with(cursor(pair).compareAndSwap(ID, word.address(), word.key(), 41, 7), own),
                WorkCompletionOpcode.COMP_SWAP);
        assertThat(own.word(0)).isEqualTo(41);
        assertThat(word.word(0)).isEqualTo(7);
    }

    @Test
    @Tag("PYV-QPEX-017")
    void shouldFetchAndAdd(Rig rig) {
        Pair pair = rig.connect();
        Buffer own = rig.left().buffer(8);
        Buffer word = rig.right().buffer(8).word(0, 41);
        shouldSucceed(
                pair.left(),
                with(cursor(pair).fetchAndAdd(ID, word.address(), word.key(), 2), own),
                WorkCompletionOpcode.FETCH_ADD);
        assertThat(own.word(0)).isEqualTo(41);
        assertThat(word.word(0)).isEqualTo(43);
    }

    @Test
    @Tag("PYV-QPEX-018")
    void shouldBindAWindowThatGrantsLessThanItsRegion(Rig rig) {
        Pair pair = rig.connect();
        Buffer own = rig.left().buffer(64);
        Buffer exposed = rig.right().buffer(64).fill(1);
        MemoryWindow window = rig.right().window(MemoryWindowType.TYPE_2);
        shouldSucceed(
                pair.right(),
                pair.right()
                        .queuePair()
                        .sendCursor()
                        .bindMemoryWindow(
                                ID,
                                window,
                                window.nextRemoteKey(),
                                exposed.region(),
                                exposed.address(),
                                64,
                                EnumSet.of(AccessFlag.REMOTE_READ)),
                WorkCompletionOpcode.BIND_MW);
        int key = window.remoteKey();
        assertThat(pair.left().run(Requests.SIGNALED.read(1, own.all(), exposed.address(), key)))
                .isEqualTo(SUCCESS);
        byte[] before = exposed.copy();
        own.fill(9);
        assertThat(pair.left().run(Requests.SIGNALED.write(2, own.all(), exposed.address(), key)))
                .isEqualTo(REM_ACCESS_ERR);
        assertThat(exposed.copy()).isEqualTo(before);
    }

    private static Set<AccessFlag> flushable() {
        Set<AccessFlag> access = new HashSet<>(Node.ALL);
        access.add(AccessFlag.FLUSH_GLOBAL);
        return access;
    }

    private static SendCursor flush(
            Pair pair, Buffer to, PlacementType type, SelectivityLevel level) {
        return cursor(pair)
                .flush(ID, to.address(), to.region().length(), to.key(), Set.of(type), level);
    }

    @Test
    @Tag("PYV-QPEX-008")
    void shouldFlush(Rig rig) {
        Pair pair = rig.connect(Setup.standard().withPeerMay(flushable()));
        Buffer own = rig.left().buffer(100).fill(1);
        Buffer to = rig.right().buffer(100, flushable());
        shouldSucceed(
                pair.left(),
                with(cursor(pair).rdmaWrite(ID, to.address(), to.key()), own),
                WorkCompletionOpcode.RDMA_WRITE);
        shouldSucceed(
                pair.left(),
                flush(pair, to, PlacementType.GLOBAL, SelectivityLevel.RANGE),
                WorkCompletionOpcode.FLUSH);
        assertThat(to.equalsBytes(own)).isTrue();
        shouldSucceed(
                pair.left(),
                flush(pair, to, PlacementType.GLOBAL, SelectivityLevel.MEMORY_REGION),
                WorkCompletionOpcode.FLUSH);
    }

    @Test
    @Tag("PYV-QPEX-009")
    void shouldNotMakePersistentWhatIsNot(Rig rig) {
        Set<AccessFlag> both = flushable();
        both.add(AccessFlag.FLUSH_PERSISTENT);
        Pair pair = rig.connect(Setup.standard().withPeerMay(both));
        Buffer to = rig.right().buffer(100, flushable());
        flush(pair, to, PlacementType.PERSISTENT, SelectivityLevel.RANGE).signaled().post();
        assertThat(pair.left().sent().getFirst().status()).isEqualTo(REM_ACCESS_ERR);
    }

    @Test
    @Tag("PYV-QPEX-010")
    void shouldWriteEightBytesAtOnce(Rig rig) {
        Pair pair = rig.connect();
        Buffer to = rig.right().buffer(16);
        shouldSucceed(
                pair.left(),
                cursor(pair).atomicWrite(ID, to.address() + 8, to.key(), 0x1122334455667788L),
                WorkCompletionOpcode.ATOMIC_WRITE);
        assertThat(to.word(0)).isZero();
        assertThat(to.word(8)).isEqualTo(0x1122334455667788L);
    }
}
