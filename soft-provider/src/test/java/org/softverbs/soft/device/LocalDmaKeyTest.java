package org.softverbs.soft.device;

import static org.assertj.core.api.Assertions.assertThat;
import static org.softverbs.soft.device.Refusals.refused;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.softverbs.dma.DmaAddressing;
import org.softverbs.dma.DmaDirection;
import org.softverbs.dma.DmaMapping;
import org.softverbs.dma.DmaSegment;
import org.softverbs.dma.IoOutcome;
import org.softverbs.dma.PageFlag;
import org.softverbs.dma.PhysicalAllocation;
import org.softverbs.dma.PhysicalMemoryRequest;
import org.softverbs.sanitized.Sanitized;
import org.softverbs.soft.dma.DmaSettings;
import org.softverbs.soft.physical.LinearMap;
import org.softverbs.verbs.AccessFlag;
import org.softverbs.verbs.Errno;
import org.softverbs.verbs.MemoryRegion;
import org.softverbs.verbs.Mtu;
import org.softverbs.verbs.PrivilegedContext;
import org.softverbs.verbs.PrivilegedDomain;
import org.softverbs.verbs.ProtectionDomainFlag;
import org.softverbs.verbs.QueuePair;
import org.softverbs.verbs.QueuePairCapabilities;
import org.softverbs.verbs.QueuePairOptions;
import org.softverbs.verbs.ReceiveWorkRequest;
import org.softverbs.verbs.Reregistration;
import org.softverbs.verbs.SendFlag;
import org.softverbs.verbs.SendWorkRequest;
import org.softverbs.verbs.Sge;
import org.softverbs.verbs.WorkCompletion;
import org.softverbs.verbs.WorkCompletionStatus;

/// What kernel code has and users have not: the local DMA key, regions of DMA addresses and of
/// physical memory, and the key to everything.
class LocalDmaKeyTest {

    private static final int PAGE = 4096;
    private static final Set<SendFlag> SIGNALED = EnumSet.of(SendFlag.SIGNALED);
    private static final Set<AccessFlag> LOCAL = EnumSet.of(AccessFlag.LOCAL_WRITE);
    private static final WorkCompletionStatus OK = WorkCompletionStatus.SUCCESS;
    private static final WorkCompletionStatus DENIED = WorkCompletionStatus.REM_ACCESS_ERR;

    private InProcessPair pair = new InProcessPair(1 << 16, Mtu.MTU_1024, DmaAddressing.PHYSICAL);
    private TestNode left = pair.left;
    private TestNode right = pair.right;

    private void use(DmaAddressing addressing) {
        pair = new InProcessPair(1 << 16, Mtu.MTU_1024, addressing);
        left = pair.left;
        right = pair.right;
    }

    private static PhysicalAllocation allocate(TestNode node, PhysicalMemoryRequest request) {
        return node.privileged().context().physicalMemory().allocate(request);
    }

    private static List<Sge> elements(DmaMapping mapping, int key) {
        List<Sge> elements = new ArrayList<>();
        for (DmaSegment segment : mapping.segments()) {
            elements.add(new Sge(segment.address(), (int) segment.length(), key));
        }
        return elements;
    }

    private WorkCompletionStatus one(SendWorkRequest request) {
        List<WorkCompletionStatus> done = pair.run(request);
        assertThat(done).hasSize(1);
        if (done.getFirst() != OK) {
            pair.reconnect();
        }
        return done.getFirst();
    }

    private static void fill(MemorySegment segment, int seed) {
        for (long i = 0; i < segment.byteSize(); i++) {
            segment.set(ValueLayout.JAVA_BYTE, i, TestNode.pattern(seed, i));
        }
    }

    /// Physical memory in pieces goes out and comes in by the local key, and by 0.
    @ParameterizedTest
    @EnumSource(
            value = DmaAddressing.class,
            names = {"PHYSICAL", "VIRTUAL"})
    void shouldReachMappedMemoryByTheLocalKeyAndByZero(DmaAddressing addressing) {
        use(addressing);
        PrivilegedDomain domain = left.privileged();
        assertThat(domain.context().queryDevice().addressing()).isEqualTo(addressing);
        assertThat(domain.localDmaLkey()).isNotZero();
        PhysicalAllocation memory = allocate(left, PhysicalMemoryRequest.scattered(3 * PAGE + 5));
        DmaMapping mapping = domain.context().dma().map(memory, DmaDirection.BIDIRECTIONAL);
        int seed = 1;
        for (int key : new int[] {domain.localDmaLkey(), 0}) {
            mapping.syncForCpu();
            fill(memory.segment(), seed++);
            mapping.syncForDevice();
            assertThat(
                            one(
                                    new SendWorkRequest.RdmaWrite(
                                            1,
                                            elements(mapping, key),
                                            right.region.address(),
                                            right.region.remoteKey(),
                                            SIGNALED)))
                    .isEqualTo(OK);
            MemorySegment remote = right.region.segment().asSlice(0, 3 * PAGE + 5);
            assertThat(remote.mismatch(memory.segment())).isEqualTo(-1);
            fill(remote, seed++);
            assertThat(
                            one(
                                    new SendWorkRequest.RdmaRead(
                                            1,
                                            elements(mapping, key),
                                            right.region.address(),
                                            right.region.remoteKey(),
                                            SIGNALED)))
                    .isEqualTo(OK);
            assertThat(remote.mismatch(memory.segment())).isEqualTo(-1);
            fill(remote, seed++);
            left.queuePair.postReceive(new ReceiveWorkRequest(2, elements(mapping, key)));
            assertThat(
                            pair.run(
                                    right,
                                    new SendWorkRequest.Send(
                                            3,
                                            List.of(right.region.element(0, 3 * PAGE + 5)),
                                            SIGNALED)))
                    .containsExactly(OK);
            assertThat(left.pollReceives()).hasSize(1).allMatch(WorkCompletion::isSuccess);
            assertThat(remote.mismatch(memory.segment())).isEqualTo(-1);
        }
        mapping.close();
    }

    /// High memory has no address in the kernel's linear map: physical addresses reach it.
    @Test
    void shouldReachHighMemoryByPhysicalAddressesOnly() {
        PhysicalMemoryRequest high =
                PhysicalMemoryRequest.contiguous(PAGE).withFlag(PageFlag.HIGHMEM);
        PhysicalAllocation memory = allocate(left, high);
        assertThat(one(writeOf(memory.address(0)))).isEqualTo(OK);
        use(DmaAddressing.VIRTUAL);
        PhysicalAllocation other = allocate(left, high);
        assertThat(one(writeOf(LinearMap.virtual(other.address(0)))))
                .isEqualTo(WorkCompletionStatus.LOC_PROT_ERR);
        assertThat(one(writeOf(other.address(0)))).isEqualTo(WorkCompletionStatus.LOC_PROT_ERR);
        PhysicalAllocation normal = allocate(left, PhysicalMemoryRequest.contiguous(PAGE));
        assertThat(one(writeOf(LinearMap.virtual(normal.address(0))))).isEqualTo(OK);
        assertThat(one(writeOf(normal.address(0)))).isEqualTo(WorkCompletionStatus.LOC_PROT_ERR);
    }

    private SendWorkRequest writeOf(long address) {
        return new SendWorkRequest.RdmaWrite(
                1,
                List.of(new Sge(address, 64, left.privileged().localDmaLkey())),
                right.region.address(),
                right.region.remoteKey(),
                SIGNALED);
    }

    @Test
    void shouldFailWhereThereIsNoMemory() {
        PhysicalAllocation memory = allocate(left, PhysicalMemoryRequest.contiguous(PAGE));
        long end = memory.address(0) + PAGE;
        for (long address : new long[] {0, -64, end, end - 63, 1L << 40, left.region.address()}) {
            assertThat(one(writeOf(address)))
                    .as("0x%x", address)
                    .isEqualTo(WorkCompletionStatus.LOC_PROT_ERR);
        }
        memory.close();
        assertThat(one(writeOf(memory.address(0)))).isEqualTo(WorkCompletionStatus.LOC_PROT_ERR);
    }

    /// `get_dma_mr`: all addresses, local and as allowed remote.
    @Test
    void shouldRegisterAllAddresses() {
        PhysicalAllocation memory = allocate(left, PhysicalMemoryRequest.contiguous(PAGE));
        try (MemoryRegion all = left.privileged().registerDma(LOCAL)) {
            assertThat(
                            one(
                                    new SendWorkRequest.RdmaWrite(
                                            1,
                                            List.of(new Sge(memory.address(0), 64, all.localKey())),
                                            right.region.address(),
                                            right.region.remoteKey(),
                                            SIGNALED)))
                    .isEqualTo(OK);
            assertThat(readFrom(right, left, memory.address(0), all.remoteKey())).isEqualTo(DENIED);
        }
        refused(
                Errno.EINVAL,
                () -> left.privileged().registerDma(EnumSet.of(AccessFlag.REMOTE_WRITE)),
                "registerDma",
                "LOCAL_WRITE");
    }

    private WorkCompletionStatus readFrom(TestNode reader, TestNode other, long address, int key) {
        assertThat(other).isNotSameAs(reader);
        WorkCompletionStatus status =
                pair.run(
                                reader,
                                new SendWorkRequest.RdmaRead(
                                        1,
                                        List.of(reader.region.element(0, 64)),
                                        address,
                                        key,
                                        SIGNALED))
                        .getFirst();
        if (status != OK) {
            pair.reconnect();
        }
        return status;
    }

    @Test
    void shouldGiveTheKeyToEverythingOnlyWhenItIsAskedFor() {
        assertThat(left.privileged().unsafeGlobalRemoteKey()).isEmpty();
        PrivilegedContext context = left.privileged().context();
        PrivilegedDomain open =
                context.allocateProtectionDomain(
                        EnumSet.of(ProtectionDomainFlag.UNSAFE_GLOBAL_RKEY));
        int key = open.unsafeGlobalRemoteKey().orElseThrow();
        assertThat(key).isNotEqualTo(open.localDmaLkey()).isNotZero();
        PhysicalAllocation memory = allocate(left, PhysicalMemoryRequest.contiguous(PAGE));
        // The queue pair is of another domain.
        assertThat(readFrom(right, left, memory.address(0), key)).isEqualTo(DENIED);
        TestNode third =
                new TestNode(pair.openPrivileged(3, DmaSettings.of(DmaAddressing.PHYSICAL)), PAGE);
        QueuePair end = open.createQueuePair(optionsOf(left));
        TestNode.connect(third.queuePair, third.context, end, left.context, Mtu.MTU_1024);
        fill(memory.segment(), 9);
        assertThat(readFrom(third, left, memory.address(0), key)).isEqualTo(OK);
        assertThat(third.region.segment().asSlice(0, 64).mismatch(memory.segment().asSlice(0, 64)))
                .isEqualTo(-1);
        end.close();
        open.close();
    }

    private static QueuePairOptions optionsOf(TestNode node) {
        return QueuePairOptions.reliableConnection(node.sends, QueuePairCapabilities.small());
    }

    /// Ranges of physical memory as one range of addresses of the caller's choice.
    @ParameterizedTest
    @EnumSource(
            value = DmaAddressing.class,
            names = {"PHYSICAL", "VIRTUAL"})
    void shouldRegisterPhysicalMemory(DmaAddressing addressing) {
        use(addressing);
        PhysicalAllocation memory = allocate(right, PhysicalMemoryRequest.scattered(5 * PAGE));
        long address = 0x7000_1234_5678L;
        MemoryRegion region =
                right.privileged()
                        .registerPhysical(memory.part(100, 4 * PAGE), address, TestNode.ALL_ACCESS);
        assertThat(region.address()).isEqualTo(address);
        assertThat(region.length()).isEqualTo(4 * PAGE);
        left.fill(4);
        assertThat(
                        one(
                                new SendWorkRequest.RdmaWrite(
                                        1,
                                        List.of(left.region.element(0, 4 * PAGE)),
                                        address,
                                        region.remoteKey(),
                                        SIGNALED)))
                .isEqualTo(OK);
        assertThat(
                        memory.segment()
                                .asSlice(100, 4 * PAGE)
                                .mismatch(left.region.segment().asSlice(0, 4 * PAGE)))
                .isEqualTo(-1);
        for (long outside : new long[] {address - 1, address + 4 * PAGE, memory.address(0)}) {
            assertThat(readFrom(left, right, outside, region.remoteKey())).isEqualTo(DENIED);
        }
        long maps = right.privileged().context().dma().statistics().unmaps();
        region.close();
        assertThat(right.privileged().context().dma().statistics().unmaps()).isEqualTo(maps + 1);
        assertThat(readFrom(left, right, address, region.remoteKey())).isEqualTo(DENIED);
        refused(
                Errno.EINVAL,
                () -> right.privileged().registerPhysical(memory, -PAGE, LOCAL),
                "wraps");
    }

    @ParameterizedTest
    @EnumSource(
            value = DmaAddressing.class,
            names = {"PHYSICAL", "VIRTUAL"})
    void shouldNotLetADeviceWriteWhatWasMappedForItToRead(DmaAddressing addressing) {
        use(addressing);
        PhysicalAllocation memory = allocate(right, PhysicalMemoryRequest.scattered(2 * PAGE));
        MemoryRegion region =
                right.privileged().registerPhysical(memory, 0, EnumSet.of(AccessFlag.REMOTE_READ));
        refused(
                Errno.EINVAL,
                () -> region.reregister(Reregistration.nothing().withAccess(TestNode.ALL_ACCESS)),
                "LOCAL_WRITE",
                "mapped for the device to read");
        assertThat(region.access()).containsExactly(AccessFlag.REMOTE_READ);
        region.reregister(Reregistration.nothing().withAccess(Set.of()));
        assertThat(region.access()).isEmpty();
        region.close();
    }

    /// A gigabyte in 4 KiB pages that are neighbours is one range.
    @Test
    void shouldRegisterAGigabyte() {
        PhysicalAllocation memory = allocate(right, PhysicalMemoryRequest.contiguous(1L << 30));
        MemoryRegion region = right.privileged().registerPhysical(memory, 0, TestNode.ALL_ACCESS);
        assertThat(readFrom(left, right, (1L << 30) - 64, region.remoteKey())).isEqualTo(OK);
        assertThat(readFrom(left, right, (1L << 30) - 63, region.remoteKey())).isEqualTo(DENIED);
        region.close();
    }

    /// A device opened by name, over UDP; with users' registrations too.
    @Test
    void shouldOpenByName() {
        try (PrivilegedContext context =
                Sanitized.open(
                        "rxe@127.0.0.77", Map.of("addressing", "virtual", "transport", "nio"))) {
            assertThat(context.dma().addressing()).isEqualTo(DmaAddressing.VIRTUAL);
            assertThat(context.queryDevice().addressing()).isEqualTo(DmaAddressing.VIRTUAL);
            try (PrivilegedDomain domain = context.allocateProtectionDomain();
                    PhysicalAllocation memory =
                            context.physicalMemory()
                                    .allocate(PhysicalMemoryRequest.contiguous(PAGE));
                    MemoryRegion region = domain.registerMemory(TestNode.allocate(64), LOCAL)) {
                assertThat(domain.context()).isSameAs(context);
                assertThat(domain.localDmaLkey()).isNotEqualTo(region.localKey());
                assertThat(memory.total()).isEqualTo(PAGE);
            }
        }
        refused(
                Errno.EINVAL,
                () -> Sanitized.open("rxe@127.0.0.77", Map.of("addressing", "dma")),
                "addressing 'dma'");
        refused(
                Errno.EINVAL,
                () -> Sanitized.open("hca@127.0.0.77", Map.of("addressing", "virtual")),
                "adapter",
                "virtual");
        Map.of("iommu", "yes", "granule", "5000", "swiotlb", "always", "mask", "65")
                .forEach(
                        (name, value) ->
                                refused(
                                        Errno.EINVAL,
                                        () -> Sanitized.open("hca@127.0.0.77", Map.of(name, value)),
                                        name,
                                        value));
    }

    @Test
    void shouldOpenAnAdapterByName() {
        try (PrivilegedContext context =
                Sanitized.open("hca@127.0.0.78", Map.of("iommu", "on", "swiotlb", "off"))) {
            assertThat(context.dma().addressing()).isEqualTo(DmaAddressing.IOVA);
            assertThat(context.device().name()).isEqualTo("hca@127.0.0.78");
            try (PhysicalAllocation memory =
                            context.physicalMemory()
                                    .allocate(PhysicalMemoryRequest.scattered(2 * PAGE));
                    DmaMapping mapping = context.dma().map(memory, DmaDirection.TO_DEVICE)) {
                assertThat(mapping.outcome()).isEqualTo(IoOutcome.IOVA_SINGLE);
            }
        }
    }
}
