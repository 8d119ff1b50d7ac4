package org.softverbs.wrong;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.softverbs.verbs.AccessFlag;
import org.softverbs.verbs.AccessRefusal;
import org.softverbs.verbs.Cause;
import org.softverbs.verbs.KeyState;
import org.softverbs.verbs.MemoryRegion;
import org.softverbs.verbs.MemoryRight;
import org.softverbs.verbs.NakCode;
import org.softverbs.verbs.ProtectionDomain;
import org.softverbs.verbs.RequestFault;
import org.softverbs.verbs.SendWorkRequest;
import org.softverbs.verbs.Sge;
import org.softverbs.verbs.WorkCompletion;
import org.softverbs.verbs.WorkCompletionStatus;

/// Wrong use of keys, ranges and rights.
class MemoryMistakesTest extends UlpPair {

    private static final int ID = 7;

    @BeforeEach
    void connectBoth() {
        connect();
    }

    private Cause.MemoryRefused refused(Cause root) {
        assertThat(root).isInstanceOf(Cause.MemoryRefused.class);
        return (Cause.MemoryRefused) root;
    }

    /// A request that the peer refused: here only the NAK is known, there the reason.
    private Cause refusedByPeer(SendWorkRequest request, NakCode code) {
        WorkCompletion completion = run(request);
        assertThat(completion.explain().effect())
                .isInstanceOfSatisfying(
                        Cause.RequestFailed.class,
                        it -> {
                            assertThat(it.id()).isEqualTo(ID);
                            assertThat(it.status()).isEqualTo(completion.status());
                            assertThat(it.remote()).isPresent();
                        });
        assertThat(completion.explain().root())
                .isInstanceOfSatisfying(
                        Cause.PeerRefused.class,
                        it -> {
                            assertThat(it.code()).isEqualTo(code);
                            assertThat(it.psn()).isEqualTo(LEFT_PSN);
                            assertThat(it.peer().gid()).isEqualTo(right.gid());
                            assertThat(it.peer().queuePairNumber())
                                    .isEqualTo(right.queuePair.number());
                        });
        assertThat(firstErrorOf(right).effect())
                .isInstanceOfSatisfying(
                        Cause.PeerRequestRefused.class,
                        it -> {
                            assertThat(it.code()).isEqualTo(code);
                            assertThat(it.psn()).isEqualTo(LEFT_PSN);
                            assertThat(it.peer().queuePairNumber())
                                    .isEqualTo(left.queuePair.number());
                        });
        Cause there = firstErrorOf(right).root();
        find(completion.status(), completion.explain().root(), there);
        return there;
    }

    @Test
    void shouldExplainUseAfterDeregistration() {
        MemoryRegion gone = UlpEnd.register(left.domain, UlpEnd.ALL_ACCESS);
        Sge element = gone.element(0, 100);
        gone.close();
        WorkCompletion completion =
                run(write(ID, element, right.region.address(), right.region.remoteKey()));
        assertThat(completion.status()).isEqualTo(WorkCompletionStatus.LOC_PROT_ERR);
        Cause.MemoryRefused refused = refused(completion.explain().root());
        find(completion.status(), refused);
        assertThat(refused.refusal()).isEqualTo(AccessRefusal.UNKNOWN_KEY);
        assertThat(refused.facts().state()).isEqualTo(KeyState.DEREGISTERED);
        assertThat(refused.right()).isEqualTo(MemoryRight.LOCAL_READ);
        assertThat(refused.key()).isEqualTo(element.localKey());
        assertThat(refused.address()).isEqualTo(element.address());
        assertThat(refused.length()).isEqualTo(100);
    }

    @Test
    void shouldNotReportWithoutUseAfterDeregistration() throws InterruptedException {
        MemoryRegion own = UlpEnd.register(left.domain, UlpEnd.ALL_ACCESS);
        expectSuccess(run(write(ID, own, right.region)));
        own.close();
        expectNoReport();
    }

    @Test
    void shouldExplainStaleRemoteKey() {
        MemoryRegion gone = UlpEnd.register(right.domain, UlpEnd.ALL_ACCESS);
        int key = gone.remoteKey();
        long address = gone.address();
        gone.close();
        Cause.MemoryRefused refused =
                refused(
                        refusedByPeer(
                                write(ID, left.region.element(0, 100), address, key),
                                NakCode.REMOTE_ACCESS_ERROR));
        assertThat(refused.refusal()).isEqualTo(AccessRefusal.UNKNOWN_KEY);
        assertThat(refused.facts().state()).isEqualTo(KeyState.DEREGISTERED);
        assertThat(refused.right()).isEqualTo(MemoryRight.REMOTE_WRITE);
        assertThat(refused.key()).isEqualTo(key);
        assertThat(refused.address()).isEqualTo(address);
    }

    @Test
    void shouldNotReportWithoutStaleRemoteKey() throws InterruptedException {
        MemoryRegion target = UlpEnd.register(right.domain, UlpEnd.ALL_ACCESS);
        expectSuccess(run(write(ID, left.region, target)));
        target.close();
        expectNoReport();
    }

    @Test
    void shouldExplainMissingAccessRight() {
        Set<AccessFlag> access = EnumSet.of(AccessFlag.LOCAL_WRITE, AccessFlag.REMOTE_READ);
        try (MemoryRegion target = UlpEnd.register(right.domain, access)) {
            Cause.MemoryRefused refused =
                    refused(
                            refusedByPeer(
                                    write(ID, left.region, target), NakCode.REMOTE_ACCESS_ERROR));
            assertThat(refused.refusal()).isEqualTo(AccessRefusal.MISSING_RIGHT);
            assertThat(refused.right()).isEqualTo(MemoryRight.REMOTE_WRITE);
            assertThat(refused.facts().access()).isEqualTo(access);
            assertThat(refused.hint()).contains("REMOTE_WRITE");
        }
    }

    @Test
    void shouldNotReportWithoutMissingAccessRight() throws InterruptedException {
        Set<AccessFlag> access = EnumSet.of(AccessFlag.LOCAL_WRITE, AccessFlag.REMOTE_WRITE);
        try (MemoryRegion target = UlpEnd.register(right.domain, access)) {
            expectSuccess(run(write(ID, left.region, target)));
        }
        expectNoReport();
    }

    @Test
    void shouldExplainDomainMismatch() {
        try (ProtectionDomain other = left.context.allocateProtectionDomain();
                MemoryRegion foreign = UlpEnd.register(other, UlpEnd.ALL_ACCESS)) {
            WorkCompletion completion = run(write(ID, foreign, right.region));
            assertThat(completion.status()).isEqualTo(WorkCompletionStatus.LOC_PROT_ERR);
            Cause.MemoryRefused refused = refused(completion.explain().root());
            find(completion.status(), refused);
            assertThat(refused.refusal()).isEqualTo(AccessRefusal.WRONG_DOMAIN);
            assertThat(refused.key()).isEqualTo(foreign.localKey());
            assertThat(refused.facts().state()).isEqualTo(KeyState.IN_USE);
            assertThat(refused.facts().domain()).isNotEqualTo(refused.domain());
        }
    }

    @Test
    void shouldNotReportWithoutDomainMismatch() throws InterruptedException {
        try (MemoryRegion own = UlpEnd.register(left.domain, UlpEnd.ALL_ACCESS)) {
            expectSuccess(run(write(ID, own, right.region)));
        }
        expectNoReport();
    }

    @Test
    void shouldExplainWrongRemoteAddress() {
        long last = right.region.address() + right.region.length() - 1;
        Cause.MemoryRefused refused =
                refused(
                        refusedByPeer(
                                write(
                                        ID,
                                        left.region.element(0, 100),
                                        last,
                                        right.region.remoteKey()),
                                NakCode.REMOTE_ACCESS_ERROR));
        assertThat(refused.refusal()).isEqualTo(AccessRefusal.OUT_OF_BOUNDS);
        assertThat(refused.address()).isEqualTo(last);
        assertThat(refused.length()).isEqualTo(100);
        assertThat(refused.facts().address()).isEqualTo(right.region.address());
        assertThat(refused.facts().length()).isEqualTo(right.region.length());
    }

    @Test
    void shouldNotReportWithoutWrongRemoteAddress() throws InterruptedException {
        long last = right.region.address() + right.region.length() - 100;
        expectSuccess(run(write(ID, left.region.element(0, 100), last, right.region.remoteKey())));
        expectNoReport();
    }

    private SendWorkRequest add(long address) {
        return new SendWorkRequest.FetchAndAdd(
                ID,
                List.of(left.region.element(0, 8)),
                address,
                right.region.remoteKey(),
                1,
                SIGNALED);
    }

    @Test
    void shouldExplainMisalignedAtomic() {
        long address = right.region.address() + 4;
        assertThat(refusedByPeer(add(address), NakCode.INVALID_REQUEST))
                .isInstanceOfSatisfying(
                        Cause.PeerRequestRefused.class,
                        it -> {
                            assertThat(it.fault()).isEqualTo(RequestFault.MISALIGNED);
                            assertThat(it.actual()).isEqualTo(address);
                            assertThat(it.expected()).isEqualTo(8);
                        });
    }

    @Test
    void shouldNotReportWithoutMisalignedAtomic() throws InterruptedException {
        expectSuccess(run(add(right.region.address() + 8)));
        expectNoReport();
    }
}
