package org.softverbs.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.softverbs.conformance.Requests.SIGNALED;
import static org.softverbs.verbs.WorkCompletionStatus.LOC_PROT_ERR;
import static org.softverbs.verbs.WorkCompletionStatus.MW_BIND_ERR;
import static org.softverbs.verbs.WorkCompletionStatus.REM_ACCESS_ERR;
import static org.softverbs.verbs.WorkCompletionStatus.REM_OP_ERR;
import static org.softverbs.verbs.WorkCompletionStatus.SUCCESS;

import java.util.EnumSet;
import java.util.Set;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.softverbs.verbs.AccessFlag;
import org.softverbs.verbs.Errno;
import org.softverbs.verbs.MemoryRegion;
import org.softverbs.verbs.MemoryWindow;
import org.softverbs.verbs.MemoryWindowBinding;
import org.softverbs.verbs.MemoryWindowType;
import org.softverbs.verbs.PrivilegedDomain;
import org.softverbs.verbs.ProtectionDomain;

/// Rows RUT-PD and PYV-PD: what a protection domain keeps apart.
@Conformance
class DomainTest {

    private static final Set<AccessFlag> REMOTE =
            EnumSet.of(AccessFlag.REMOTE_READ, AccessFlag.REMOTE_WRITE, AccessFlag.REMOTE_ATOMIC);

    @Test
    @Tag("PYV-PD-001")
    void shouldBeAllocated(Rig rig) {
        ProtectionDomain domain = rig.left().context().allocateProtectionDomain();
        assertThat(domain.context()).isSameAs(rig.left().context());
        domain.close();
    }

    @Test
    @Tag("RUT-PD-002")
    @Decision(Expect.CLOSED_TWICE)
    void shouldEndOnce(Rig rig) {
        PrivilegedDomain gone = rig.left().newDomain();
        gone.close();
        PrivilegedDomain younger = rig.left().newDomain();
        gone.close();
        assertThat(rig.left().buffer(younger, 8, Node.ALL).key()).isNotZero();
    }

    @Test
    @Tag("RUT-PD-004")
    @Decision(Expect.CLOSED_USED)
    void shouldRegisterNothingWhenClosed(Rig rig) {
        PrivilegedDomain gone = rig.left().newDomain();
        gone.close();
        Expect.closed(() -> rig.left().userBuffer(gone, 8, Node.ALL));
        Expect.closed(() -> rig.left().buffer(gone, 8, Node.ALL));
    }

    @Test
    @Tag("RUT-PD-007")
    void shouldStayOpenForARegion(Rig rig) {
        PrivilegedDomain domain = rig.left().newDomain();
        MemoryRegion region = rig.left().buffer(domain, 8, Node.ALL).region();
        Expect.refused(Errno.EBUSY, domain::close);
        region.close();
        domain.close();
    }

    @ParameterizedTest
    @EnumSource
    @Tag("RUT-PD-008")
    void shouldStayOpenForAWindow(MemoryWindowType type, Rig rig) {
        PrivilegedDomain domain = rig.left().newDomain();
        MemoryWindow window = domain.allocateMemoryWindow(type);
        Expect.refused(Errno.EBUSY, domain::close);
        window.close();
        domain.close();
    }

    /// Binds a window of one domain to a region of another, on a queue pair of the standard one.
    private static void shouldNotBind(
            Rig rig, MemoryWindowType type, ProtectionDomain ofWindow, PrivilegedDomain ofRegion) {
        End right = rig.connect().right();
        MemoryWindow window = rig.right().keep(ofWindow.allocateMemoryWindow(type));
        Buffer exposed = rig.right().buffer(ofRegion, 64, Node.ALL);
        MemoryWindowBinding binding = MemoryWindowBinding.of(exposed.region(), REMOTE);
        if (type == MemoryWindowType.TYPE_1 && ofWindow != ofRegion) {
            Expect.refused(Errno.EPERM, () -> right.postBind(window, binding));
            assertThat(right.sent()).isEmpty();
        } else {
            assertThat(right.bind(window, binding)).isEqualTo(MW_BIND_ERR);
        }
    }

    @ParameterizedTest
    @EnumSource
    @Tag("RUT-PD-011")
    void shouldNotBindAWindowOfAnotherDomain(MemoryWindowType type, Rig rig) {
        shouldNotBind(rig, type, rig.right().newDomain(), rig.right().domain());
    }

    @ParameterizedTest
    @EnumSource
    @Tag("RUT-PD-012")
    void shouldNotBindToARegionOfAnotherDomain(MemoryWindowType type, Rig rig) {
        shouldNotBind(rig, type, rig.right().domain(), rig.right().newDomain());
    }

    @ParameterizedTest
    @EnumSource
    @Tag("RUT-PD-013")
    void shouldNotBindWithAQueuePairOfAnotherDomain(MemoryWindowType type, Rig rig) {
        PrivilegedDomain other = rig.right().newDomain();
        shouldNotBind(rig, type, other, other);
    }

    @Test
    @Tag("RUT-PD-015")
    void shouldNotReceiveIntoARegionOfAnotherDomain(Rig rig) {
        Pair pair = rig.connect();
        Buffer own = rig.left().buffer(64).fill(1);
        Buffer to = rig.right().buffer(rig.right().newDomain(), 64, Node.ALL);
        pair.right().receive(1, to.all());
        assertThat(pair.left().run(SIGNALED.send(1, own.all()))).isEqualTo(REM_OP_ERR);
        assertThat(pair.right().receivedStatuses()).containsExactly(LOC_PROT_ERR);
        assertThat(to.copy()).containsOnly(0);
    }

    private static void shouldNotReachTheRemoteRegion(Operation operation, Rig rig) {
        Pair pair = rig.connect();
        Buffer own = rig.left().buffer(8).word(0, 7);
        Buffer remote =
                rig.right().buffer(rig.right().newDomain(), 8, Node.ALL).word(0, Operation.OLD);
        assertThat(
                        pair.left()
                                .run(
                                        operation.request(
                                                SIGNALED,
                                                1,
                                                own.all(),
                                                remote.address(),
                                                remote.key())))
                .isEqualTo(REM_ACCESS_ERR);
        assertThat(remote.word(0)).isEqualTo(Operation.OLD);
        assertThat(own.word(0)).isEqualTo(7);
    }

    private static void shouldNotUseTheLocalRegion(Operation operation, Rig rig) {
        Pair pair = rig.connect();
        Buffer own = rig.left().buffer(rig.left().newDomain(), 8, Node.ALL).word(0, 7);
        Buffer remote = rig.right().buffer(8).word(0, Operation.OLD);
        assertThat(
                        pair.left()
                                .run(
                                        operation.request(
                                                SIGNALED,
                                                1,
                                                own.all(),
                                                remote.address(),
                                                remote.key())))
                .isEqualTo(LOC_PROT_ERR);
        assertThat(own.word(0)).isEqualTo(7);
    }

    @Test
    @Tag("RUT-PD-017")
    void shouldNotReadFromAnotherDomain(Rig rig) {
        shouldNotReachTheRemoteRegion(Operation.READ, rig);
    }

    @Test
    @Tag("RUT-PD-018")
    void shouldNotWriteFromALocalRegionOfAnotherDomain(Rig rig) {
        shouldNotUseTheLocalRegion(Operation.WRITE, rig);
    }

    @Test
    @Tag("RUT-PD-019")
    void shouldNotWriteToAnotherDomain(Rig rig) {
        shouldNotReachTheRemoteRegion(Operation.WRITE, rig);
    }

    @Test
    @Tag("RUT-PD-020")
    void shouldNotAddWithALocalRegionOfAnotherDomain(Rig rig) {
        shouldNotUseTheLocalRegion(Operation.FETCH_AND_ADD, rig);
    }

    @Test
    @Tag("RUT-PD-021")
    void shouldNotAddInAnotherDomain(Rig rig) {
        shouldNotReachTheRemoteRegion(Operation.FETCH_AND_ADD, rig);
    }

    @Test
    @Tag("RUT-PD-022")
    void shouldNotSwapWithALocalRegionOfAnotherDomain(Rig rig) {
        shouldNotUseTheLocalRegion(Operation.COMPARE_AND_SWAP, rig);
    }

    @Test
    @Tag("RUT-PD-023")
    void shouldNotSwapInAnotherDomain(Rig rig) {
        shouldNotReachTheRemoteRegion(Operation.COMPARE_AND_SWAP, rig);
    }

    /// A window and its region are of another domain than the queue pair that a request comes to.
    private static void shouldNotReachThroughAWindow(Operation operation, Rig rig) {
        Pair pair = rig.connect();
        PrivilegedDomain other = rig.right().newDomain();
        End binder = rig.right().end(Setup.standard(), other);
        binder.connectTo(rig.left().end(Setup.standard()));
        Buffer exposed = rig.right().buffer(other, 8, Node.ALL).word(0, Operation.OLD);
        MemoryWindow window = rig.right().keep(other.allocateMemoryWindow(MemoryWindowType.TYPE_1));
        assertThat(binder.bind(window, MemoryWindowBinding.of(exposed.region(), REMOTE)))
                .isEqualTo(SUCCESS);
        Buffer own = rig.left().buffer(8);
        assertThat(
                        pair.left()
                                .run(
                                        operation.request(
                                                SIGNALED,
                                                1,
                                                own.all(),
                                                exposed.address(),
                                                window.remoteKey())))
                .isEqualTo(REM_ACCESS_ERR);
        assertThat(exposed.word(0)).isEqualTo(Operation.OLD);
    }

    @Test
    @Tag("RUT-PD-025")
    void shouldNotReadThroughAWindowOfAnotherDomain(Rig rig) {
        shouldNotReachThroughAWindow(Operation.READ, rig);
    }

    @Test
    @Tag("RUT-PD-026")
    void shouldNotWriteThroughAWindowOfAnotherDomain(Rig rig) {
        shouldNotReachThroughAWindow(Operation.WRITE, rig);
    }

    @Test
    @Tag("RUT-PD-028")
    void shouldNotSwapThroughAWindowOfAnotherDomain(Rig rig) {
        shouldNotReachThroughAWindow(Operation.COMPARE_AND_SWAP, rig);
    }
}
