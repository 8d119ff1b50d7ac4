package org.softverbs.soft.device;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.EnumSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.softverbs.dma.DmaAddressing;
import org.softverbs.verbs.AccessFlag;
import org.softverbs.verbs.Errno;
import org.softverbs.verbs.MemoryAdvice;
import org.softverbs.verbs.MemoryRegion;
import org.softverbs.verbs.Mtu;
import org.softverbs.verbs.ProgramMemory;
import org.softverbs.verbs.ProtectionDomain;
import org.softverbs.verbs.Reregistration;
import org.softverbs.verbs.SendFlag;
import org.softverbs.verbs.SendWorkRequest;
import org.softverbs.verbs.Sge;
import org.softverbs.verbs.VerbsException;
import org.softverbs.verbs.WorkCompletionStatus;

/// On-demand paging: which pages come in when, and what of it is refused.
class OnDemandMemoryTest {

    private static final int PAGE = 4096;
    private static final Set<AccessFlag> ON_DEMAND =
            EnumSet.of(
                    AccessFlag.ON_DEMAND,
                    AccessFlag.LOCAL_WRITE,
                    AccessFlag.REMOTE_WRITE,
                    AccessFlag.REMOTE_READ);

    private final InProcessPair pair = new InProcessPair(4 * PAGE, Mtu.MTU_1024);
    private final ProtectionDomain domain = pair.right.domain;

    /// Four pages that begin with a page.
    private MemoryRegion region(Set<AccessFlag> access) {
        return domain.registerMemoryAt(TestNode.allocate(4 * PAGE), 16L * PAGE, access);
    }

    private void write(MemoryRegion to, long offset, int length) {
        assertThat(
                        pair.run(
                                new SendWorkRequest.RdmaWrite(
                                        1,
                                        List.of(pair.left.region.element(0, length)),
                                        to.address() + offset,
                                        to.remoteKey(),
                                        Set.of(SendFlag.SIGNALED))))
                .containsExactly(WorkCompletionStatus.SUCCESS);
    }

    private void expectCounts(long faults, long invalidations, long prefetches) {
        assertThat(pair.right.context.counters())
                .containsEntry("page_faults", faults)
                .containsEntry("page_invalidations", invalidations)
                .containsEntry("page_prefetches", prefetches);
    }

    @Test
    void shouldBringInOnlyThePagesThatAreTouched() {
        MemoryRegion region = region(ON_DEMAND);
        write(region, PAGE - 1, 2);
        expectCounts(2, 0, 0);
        write(region, 0, 2 * PAGE);
        expectCounts(2, 0, 0);
        write(region, 3 * PAGE, 1);
        expectCounts(3, 0, 0);
        region.dropPages(PAGE + 5, 1);
        expectCounts(3, 1, 0);
        region.dropPages(0, 4 * PAGE);
        expectCounts(3, 3, 0);
        region.dropPages(0, 0);
        write(region, 0, 4 * PAGE);
        expectCounts(7, 3, 0);
    }

    @Test
    void shouldKeepTheBytesOfPagesThatWereDropped() {
        pair.left.fill(5);
        MemoryRegion region = region(ON_DEMAND);
        write(region, 0, 4 * PAGE);
        region.dropPages(0, 4 * PAGE);
        assertThat(region.segment().mismatch(pair.left.region.segment())).isEqualTo(-1);
    }

    /// A page belongs to the address space, wherever in it the region begins.
    @Test
    void shouldCountPagesOfTheAddressSpace() {
        MemorySegment segment = TestNode.allocate(PAGE);
        MemoryRegion region = domain.registerMemoryAt(segment, 7L * PAGE + 100, ON_DEMAND);
        write(region, PAGE - 100 - 1, 1);
        expectCounts(1, 0, 0);
        write(region, PAGE - 100, 1);
        expectCounts(2, 0, 0);
    }

    @Test
    void shouldCountNoFaultsOfMemoryThatStays() {
        write(pair.right.region, 0, 4 * PAGE);
        expectCounts(0, 0, 0);
    }

    @Test
    void shouldFaultAnewWhenItIsRegisteredAnew() {
        MemoryRegion region = region(ON_DEMAND);
        write(region, 0, PAGE);
        Set<AccessFlag> stays = EnumSet.copyOf(ON_DEMAND);
        stays.remove(AccessFlag.ON_DEMAND);
        region.reregister(Reregistration.nothing().withAccess(stays));
        write(region, 0, 4 * PAGE);
        expectCounts(1, 0, 0);
        region.reregister(Reregistration.nothing().withAccess(ON_DEMAND));
        write(region, 0, 4 * PAGE);
        expectCounts(5, 0, 0);
    }

    private void expectRefusal(Errno errno, Runnable action) {
        assertThatThrownBy(action::run)
                .isInstanceOfSatisfying(
                        VerbsException.class,
                        refused -> assertThat(refused.errno()).isEqualTo(errno));
        expectCounts(0, 0, 0);
    }

    private void advise(MemoryAdvice advice, Sge... ranges) {
        domain.advise(advice, true, List.of(ranges));
    }

    @Test
    void shouldDoAllOfAnAdviceOrNothing() {
        MemoryRegion region = region(ON_DEMAND);
        Sge first = region.element(0, PAGE);
        for (MemoryAdvice advice : MemoryAdvice.values()) {
            expectRefusal(Errno.ENOENT, () -> advise(advice, first, new Sge(0, 1, 0x7654_3210)));
            expectRefusal(
                    Errno.EINVAL, () -> advise(advice, first, pair.right.region.element(0, 1)));
            expectRefusal(
                    Errno.EFAULT,
                    () ->
                            advise(
                                    advice,
                                    first,
                                    new Sge(region.address() + 1, 4 * PAGE, region.localKey())));
        }
        advise(MemoryAdvice.PREFETCH, first, region.element(0, PAGE + 1));
        expectCounts(0, 0, 2);
    }

    @Test
    void shouldNotBeAdvisedByAnotherDomain() {
        MemoryRegion region = region(ON_DEMAND);
        ProtectionDomain other = pair.right.context.allocateProtectionDomain();
        expectRefusal(
                Errno.EPERM,
                () -> other.advise(MemoryAdvice.PREFETCH, true, List.of(region.element())));
    }

    @Test
    void shouldNotBringInForWritingWhatCannotBeWritten() {
        MemoryRegion region = region(EnumSet.of(AccessFlag.ON_DEMAND));
        expectRefusal(Errno.EPERM, () -> advise(MemoryAdvice.PREFETCH_WRITE, region.element(0, 1)));
        advise(MemoryAdvice.PREFETCH, region.element(0, 1));
        expectCounts(0, 0, 1);
    }

    @Test
    void shouldDropPagesOfOnDemandRegionsOnly() {
        MemoryRegion region = region(ON_DEMAND);
        expectRefusal(Errno.EINVAL, () -> pair.right.region.dropPages(0, 1));
        expectRefusal(Errno.EFAULT, () -> region.dropPages(0, 4 * PAGE + 1));
        expectRefusal(Errno.EFAULT, () -> region.dropPages(-1, 1));
        expectRefusal(Errno.EFAULT, () -> region.dropPages(1, -1));
    }

    @Test
    void shouldRefuseMemoryThatIsMapped() {
        InProcessPair kernel = new InProcessPair(4096, Mtu.MTU_1024, DmaAddressing.PHYSICAL);
        assertThatThrownBy(() -> kernel.right.privileged().registerDma(ON_DEMAND))
                .isInstanceOf(VerbsException.class)
                .hasMessageContaining("ON_DEMAND");
    }

    private List<WorkCompletionStatus> writeTo(MemoryRegion all, long address, int length) {
        List<WorkCompletionStatus> done =
                pair.run(
                        new SendWorkRequest.RdmaWrite(
                                1,
                                List.of(pair.left.region.element(0, length)),
                                address,
                                all.remoteKey(),
                                Set.of(SendFlag.SIGNALED)));
        pair.reconnect();
        return done;
    }

    @Test
    void shouldOpenWhateverHasAnAddress() {
        MemoryRegion all = domain.registerImplicit(ON_DEMAND);
        MemorySegment segment = TestNode.allocate(2 * PAGE);
        ProgramMemory memory = pair.right.context.mapMemory(segment);
        pair.left.fill(6);
        assertThat(writeTo(all, memory.address() + 1, PAGE))
                .containsExactly(WorkCompletionStatus.SUCCESS);
        assertThat(segment.asSlice(1, PAGE).mismatch(pair.left.region.segment().asSlice(0, PAGE)))
                .isEqualTo(-1);
        long faults = Objects.requireNonNull(pair.right.context.counters().get("page_faults"));
        assertThat(faults).isBetween(1L, 2L);
        all.dropPages(memory.address() + 1, PAGE);
        assertThat(writeTo(all, memory.address() + 1, PAGE))
                .containsExactly(WorkCompletionStatus.SUCCESS);
        expectCounts(2 * faults, faults, 0);
        assertThat(writeTo(all, memory.address(), 2 * PAGE + 1))
                .containsExactly(WorkCompletionStatus.REM_ACCESS_ERR);
        memory.close();
        assertThat(writeTo(all, memory.address(), 1))
                .containsExactly(WorkCompletionStatus.REM_ACCESS_ERR);
        // What is registered otherwise has an address, too.
        assertThat(writeTo(all, pair.right.region.address(), 1))
                .containsExactly(WorkCompletionStatus.SUCCESS);
        all.close();
    }

    @Test
    void shouldRefuseToOpenAllButOnDemand() {
        expectRefusal(Errno.EINVAL, () -> domain.registerImplicit(Set.of(AccessFlag.LOCAL_WRITE)));
        expectRefusal(
                Errno.EINVAL,
                () -> domain.registerImplicit(Set.of(AccessFlag.ON_DEMAND, AccessFlag.ZERO_BASED)));
        MemoryRegion all = domain.registerImplicit(ON_DEMAND);
        expectRefusal(
                Errno.EFAULT,
                () -> advise(MemoryAdvice.PREFETCH, new Sge(0x1234, 1, all.localKey())));
        expectRefusal(Errno.EFAULT, () -> all.dropPages(0x1234, 1));
    }

    @Test
    void shouldMapNoMemoryOfOneThread() {
        try (Arena confined = Arena.ofConfined()) {
            expectRefusal(Errno.EINVAL, () -> pair.right.context.mapMemory(confined.allocate(8)));
        }
    }
}
