package org.softverbs.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.softverbs.conformance.Requests.SIGNALED;
import static org.softverbs.verbs.WorkCompletionStatus.LOC_PROT_ERR;
import static org.softverbs.verbs.WorkCompletionStatus.REM_ACCESS_ERR;
import static org.softverbs.verbs.WorkCompletionStatus.REM_OP_ERR;
import static org.softverbs.verbs.WorkCompletionStatus.SUCCESS;
import static org.softverbs.verbs.WorkCompletionStatus.WR_FLUSH_ERR;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.softverbs.verbs.AccessFlag;
import org.softverbs.verbs.Errno;
import org.softverbs.verbs.PrivilegedDomain;
import org.softverbs.verbs.QueuePairState;
import org.softverbs.verbs.Reregistration;
import org.softverbs.verbs.WorkCompletion;
import org.softverbs.verbs.WorkCompletionStatus;

/// Rows RUT-MR and PYV-MR: registration, registration anew, and its end.
@Conformance
class RegionTest {

    private static final Set<AccessFlag> LOCAL_ONLY = EnumSet.of(AccessFlag.LOCAL_WRITE);

    @Test
    @Tag("RUT-MR-002")
    @Decision(Expect.CLOSED_TWICE)
    void shouldEndARegistrationOnce(Rig rig) {
        Pair pair = rig.connect();
        Buffer own = rig.left().buffer(8);
        Buffer gone = rig.right().buffer(8);
        gone.region().close();
        Buffer younger = rig.right().buffer(8).fill(1);
        gone.region().close();
        assertThat(pair.left().run(SIGNALED.read(1, own.all(), younger))).isEqualTo(SUCCESS);
        Expect.closed(() -> gone.region().reregister(Reregistration.nothing()));
    }

    @Test
    @Tag("RUT-MR-003")
    @Tag("PYV-MR-008")
    @Tag("PYV-MR-009")
    void shouldRefuseRemoteChangesWithoutLocalWrite(Rig rig) {
        for (AccessFlag flag : List.of(AccessFlag.REMOTE_WRITE, AccessFlag.REMOTE_ATOMIC)) {
            Expect.refused(Errno.EINVAL, () -> rig.left().buffer(8, EnumSet.of(flag)));
            Expect.refused(
                    Errno.EINVAL,
                    () -> rig.left().buffer(8, EnumSet.of(flag, AccessFlag.REMOTE_READ)));
            rig.left().buffer(8, EnumSet.of(flag, AccessFlag.LOCAL_WRITE));
        }
    }

    @Test
    @Tag("RUT-MR-006")
    void shouldMoveARegionToAnotherDomain(Rig rig) {
        Pair pair = rig.connect();
        Buffer own = rig.left().buffer(8);
        Buffer from = rig.right().buffer(8).fill(1);
        PrivilegedDomain other = rig.right().newDomain();
        from.region().reregister(Reregistration.nothing().withDomain(other));
        assertThat(from.region().protectionDomain()).isSameAs(other);
        assertThat(pair.left().run(SIGNALED.read(1, own.all(), from))).isEqualTo(REM_ACCESS_ERR);
    }

    @Test
    @Tag("RUT-MR-007")
    void shouldRefuseToReregisterWithRemoteWriteOnly(Rig rig) {
        Buffer buffer = rig.left().buffer(8);
        Expect.refused(
                Errno.EINVAL,
                () ->
                        buffer.region()
                                .reregister(
                                        Reregistration.nothing()
                                                .withAccess(EnumSet.of(AccessFlag.REMOTE_WRITE))));
        assertThat(buffer.region().access()).isEqualTo(Node.ALL);
    }

    @Test
    @Tag("RUT-MR-008")
    void shouldRefuseToReregisterNoBytes(Rig rig) {
        Buffer buffer = rig.left().userBuffer(8);
        int key = buffer.key();
        Expect.refused(
                Errno.EINVAL,
                () ->
                        buffer.region()
                                .reregister(
                                        Reregistration.nothing()
                                                .withTranslation(buffer.bytes().asSlice(0, 0))));
        assertThat(buffer.key()).isEqualTo(key);
        assertThat(buffer.region().length()).isEqualTo(8);
    }

    @Test
    @Tag("RUT-MR-009")
    void shouldCompleteNoReceiveWhenItsRegionEnds(Rig rig) {
        Pair pair = rig.connect();
        Buffer to = rig.right().buffer(64);
        for (int i = 0; i < 20; i++) {
            pair.right().receive(i, to.all());
        }
        to.region().close();
        assertThat(pair.right().received()).isEmpty();
        assertThat(pair.right().state()).isEqualTo(QueuePairState.RTS);
    }

    @Test
    @Tag("RUT-MR-010")
    @Tag("PYV-MR-006")
    void shouldNotReadWhenTheRightWasTakenBack(Rig rig) {
        Pair pair = rig.connect();
        Buffer own = rig.left().buffer(8);
        Buffer from = rig.right().buffer(8).fill(1);
        assertThat(pair.left().run(SIGNALED.read(1, own.all(), from))).isEqualTo(SUCCESS);
        from.region().reregister(Reregistration.nothing().withAccess(LOCAL_ONLY));
        assertThat(pair.left().run(SIGNALED.read(2, own.all(), from))).isEqualTo(REM_ACCESS_ERR);
    }

    /// Posts 20 requests of one kind and ends their local region when the first ones are done.
    private static List<WorkCompletionStatus> shouldEndUnderWay(
            Rig rig, Operation operation, Buffer own, Buffer remote) {
        End left = rig.connect().left();
        for (int i = 0; i < 20; i++) {
            left.post(operation.request(SIGNALED, i, own.all(), remote.address(), remote.key()));
        }
        List<WorkCompletion> done = new ArrayList<>(left.awaitSent(3));
        own.region().close();
        done.addAll(left.sent());
        assertThat(done).hasSize(20);
        return done.stream().map(WorkCompletion::status).toList();
    }

    @Test
    @Tag("RUT-MR-011")
    void shouldFailReadsUnderWayWhenTheirRegionEnds(Rig rig) {
        Buffer own = rig.left().buffer(1 << 16);
        Buffer from = rig.right().buffer(1 << 16).fill(1);
        List<WorkCompletionStatus> done = shouldEndUnderWay(rig, Operation.READ, own, from);
        int failed = done.indexOf(LOC_PROT_ERR);
        assertThat(failed).isGreaterThanOrEqualTo(3);
        assertThat(done.subList(0, failed)).containsOnly(SUCCESS);
        assertThat(done.subList(failed + 1, 20)).allMatch(status -> status == WR_FLUSH_ERR);
    }

    @Test
    @Tag("RUT-MR-012")
    void shouldSurviveTheEndOfTheRegionOfWritesUnderWay(Rig rig) {
        Buffer own = rig.left().buffer(1 << 16).fill(1);
        Buffer to = rig.right().buffer(1 << 16);
        List<WorkCompletionStatus> done = shouldEndUnderWay(rig, Operation.WRITE, own, to);
        int failed = done.indexOf(LOC_PROT_ERR);
        assertThat(failed).isGreaterThanOrEqualTo(3);
        assertThat(done.subList(0, failed)).containsOnly(SUCCESS);
        assertThat(done.subList(failed + 1, 20)).allMatch(status -> status == WR_FLUSH_ERR);
    }

    @Test
    @Tag("PYV-MR-002")
    @Decision("one verb registers memory; reg_mr_ex adds nothing to this case")
    void shouldReachOtherMemoryWhenRegisteredAnew(Rig rig) {
        Pair pair = rig.connect();
        Buffer own = rig.left().buffer(64).fill(1);
        Buffer to = rig.right().userBuffer(64);
        MemorySegment other = Arena.ofAuto().allocate(64);
        to.region().reregister(Reregistration.nothing().withTranslation(other));
        assertThat(pair.left().run(SIGNALED.write(1, own.all(), to))).isEqualTo(SUCCESS);
        assertThat(other.mismatch(own.bytes())).isEqualTo(-1);
        assertThat(to.copy()).containsOnly(0);
        pair.right().receive(1, to.all());
        assertThat(pair.left().run(SIGNALED.send(2, own.part(0, 32)))).isEqualTo(SUCCESS);
        assertThat(pair.right().receivedStatuses()).containsExactly(SUCCESS);
    }

    @Test
    @Tag("PYV-MR-004")
    @Tag("PYV-MR-005")
    void shouldFollowTheRightsWhenRegisteredAnew(Rig rig) {
        Pair pair = rig.connect();
        Buffer own = rig.left().buffer(8).fill(1);
        Buffer to = rig.right().buffer(8, LOCAL_ONLY);
        int key = to.key();
        assertThat(pair.left().run(SIGNALED.write(1, own.all(), to))).isEqualTo(REM_ACCESS_ERR);
        to.region().reregister(Reregistration.nothing().withAccess(Node.ALL));
        assertThat(to.key()).isEqualTo(key);
        assertThat(to.region().access()).isEqualTo(Node.ALL);
        pair.reconnect();
        assertThat(pair.left().run(SIGNALED.write(2, own.all(), to))).isEqualTo(SUCCESS);
        assertThat(to.equalsBytes(own)).isTrue();
    }

    @Test
    @Tag("PYV-MR-007")
    void shouldReceiveAgainWhenMovedBack(Rig rig) {
        Pair pair = rig.connect();
        Buffer own = rig.left().buffer(8).fill(1);
        Buffer to = rig.right().buffer(8);
        PrivilegedDomain other = rig.right().newDomain();
        to.region().reregister(Reregistration.nothing().withDomain(other));
        pair.right().receive(1, to.all());
        assertThat(pair.left().run(SIGNALED.send(1, own.all()))).isEqualTo(REM_OP_ERR);
        assertThat(pair.right().receivedStatuses()).containsExactly(LOC_PROT_ERR);
        pair.reconnect();
        to.region().reregister(Reregistration.nothing().withDomain(rig.right().domain()));
        pair.right().receive(2, to.all());
        assertThat(pair.left().run(SIGNALED.send(2, own.all()))).isEqualTo(SUCCESS);
        assertThat(pair.right().receivedStatuses()).containsExactly(SUCCESS);
        assertThat(to.equalsBytes(own)).isTrue();
    }
}
