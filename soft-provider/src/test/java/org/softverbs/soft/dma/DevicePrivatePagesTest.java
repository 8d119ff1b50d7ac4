package org.softverbs.soft.dma;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.softverbs.dma.AddressSpace;
import org.softverbs.dma.DmaAddressing;
import org.softverbs.dma.DmaDevice;
import org.softverbs.dma.DmaDirection;
import org.softverbs.dma.DmaLimits;
import org.softverbs.dma.DmaMapping;
import org.softverbs.dma.DmaTransaction;
import org.softverbs.dma.IoOutcome;
import org.softverbs.dma.IovaState;
import org.softverbs.dma.PageFlag;
import org.softverbs.dma.PhysicalAllocation;
import org.softverbs.dma.PhysicalMemoryRequest;
import org.softverbs.dma.PhysicalVector;
import org.softverbs.dma.ScatterList;
import org.softverbs.sanitizer.Sanitizer;
import org.softverbs.soft.packet.RunList;
import org.softverbs.soft.pci.DevicePagemap;
import org.softverbs.soft.pci.DevicePagemapOperations;
import org.softverbs.soft.pci.DevicePrivateFolio;
import org.softverbs.soft.pci.PciFunction;
import org.softverbs.verbs.Errno;
import org.softverbs.verbs.VerbsException;

/// Pages that a device keeps for itself, mapped for another: moved, reached by an alias, or
/// refused.
class DevicePrivatePagesTest {

    private static final long PAGE = DmaHost.PAGE;

    /// Each way to map a vector.
    enum Way {
        MAP {
            @Override
            DmaMapping map(DmaDevice device, ScatterList list) {
                return device.map(list, DmaDirection.BIDIRECTIONAL);
            }
        },
        SG {
            @Override
            DmaMapping map(DmaDevice device, ScatterList list) {
                return device.mapSg(list, DmaDirection.BIDIRECTIONAL);
            }
        },
        TWO_STEP {
            @Override
            DmaMapping map(DmaDevice device, ScatterList list) {
                try (DmaTransaction begun = device.begin(list, DmaDirection.BIDIRECTIONAL)) {
                    begun.link(list.count() - 1);
                    begun.linkAll();
                    return begun.done();
                }
            }
        },
        PAGE_LOOP {
            @Override
            DmaMapping map(DmaDevice device, ScatterList list) {
                return device.mapPages(list, DmaDirection.BIDIRECTIONAL);
            }
        };

        abstract DmaMapping map(DmaDevice device, ScatterList list);
    }

    private final DmaHost it = new DmaHost();
    private final AdapterDmaDevice gpu =
            new AdapterDmaDevice(
                    it.host, it.busPeer, AdapterProperties.standard(), Optional.empty());
    private final CopyEngine engine = new CopyEngine(DmaAttachment.of(gpu, it.host));

    private DevicePagemap pagemap(PciFunction owner, long window) {
        return it.host
                .pagemaps()
                .add(
                        owner,
                        window == 0 ? Optional.empty() : Optional.of(owner.addBar(window)),
                        engine);
    }

    private static DevicePrivateFolio folio(DevicePagemap pagemap, long length, int salt) {
        DevicePrivateFolio folio = pagemap.allocate(length);
        DmaHost.fill(folio.deviceBytes(), salt);
        return folio;
    }

    private static AdapterProperties with(DevicePrivatePolicy policy) {
        return AdapterProperties.standard().withDevicePrivate(policy);
    }

    private static byte[] bytes(MemorySegment segment) {
        return segment.toArray(ValueLayout.JAVA_BYTE);
    }

    private ScatterList around(DevicePrivateFolio folio, PhysicalAllocation memory) {
        return new ScatterList()
                .add(memory.address(0), 0, PAGE)
                .add(folio.address(0), 0, folio.total())
                .add(memory.address(1), 0, PAGE);
    }

    @Test
    void shouldBeNoMemoryForTheCpuNorForAnyDevice() {
        DevicePrivateFolio folio = folio(pagemap(it.busPeer, 0), PAGE, 1);
        long address = folio.address(0);
        assertThat(it.host.physicalMemory().flags(address))
                .containsExactly(PageFlag.DEVICE_PRIVATE);
        assertThat(folio.flags()).containsExactly(PageFlag.DEVICE_PRIVATE);
        assertThat(it.host.physicalMemory().resolve(address, 1, new RunList())).isFalse();
        assertThatThrownBy(() -> it.host.physicalMemory().kernelAddress(address))
                .isInstanceOf(VerbsException.class)
                .hasMessageContaining("device-private");
        assertThatThrownBy(
                        () ->
                                PhysicalMemoryRequest.contiguous(PAGE)
                                        .withFlag(PageFlag.DEVICE_PRIVATE))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @ParameterizedTest
    @EnumSource(Way.class)
    void shouldMigrateToRamByTheOwnersDmaBeforeTheMappingWhicheverWayItIsMapped(Way way) {
        TestDevice device = it.translated(with(DevicePrivatePolicy.MIGRATE));
        DevicePagemap pagemap = pagemap(it.busPeer, 0);
        DevicePrivateFolio folio = folio(pagemap, 2 * PAGE, 1);
        byte[] before = bytes(folio.deviceBytes());
        ScatterList list = around(folio, it.scattered(2 * PAGE));
        try (DmaMapping mapping = way.map(device, list)) {
            byte[] seen = DmaHost.read(device.memory(), mapping);
            assertThat(Arrays.copyOfRange(seen, (int) PAGE, (int) (3 * PAGE))).isEqualTo(before);
            assertThat(pagemap.migratedBytes()).isEqualTo(2 * PAGE);
            assertThat(gpu.statistics().maps()).isEqualTo(1);
            assertThat(folio.flags()).isEmpty();
            byte[] answer = new byte[seen.length];
            Arrays.fill(answer, (byte) 9);
            DmaHost.write(device.memory(), mapping, answer);
        }
        assertThat(bytes(folio.segment())).containsOnly((byte) 9);
        way.map(device, list).close();
        assertThat(pagemap.migratedBytes()).as("moved once").isEqualTo(2 * PAGE);
        assertThat(gpu.statistics().unmaps()).isEqualTo(1);
        it.assertAllFree();
    }

    @ParameterizedTest
    @EnumSource(Way.class)
    void shouldReachAnAliasOnTheBusAndMoveNothingWhicheverWayItIsMapped(Way way) {
        TestDevice device = it.translated(with(DevicePrivatePolicy.ALIAS));
        DevicePagemap pagemap = pagemap(it.busPeer, 4 * PAGE);
        folio(pagemap, PAGE, 7);
        DevicePrivateFolio folio = folio(pagemap, PAGE, 1);
        byte[] before = bytes(folio.deviceBytes());
        ScatterList list = around(folio, it.scattered(2 * PAGE));
        try (DmaMapping mapping = way.map(device, list)) {
            assertThat(mapping.outcome()).isEqualTo(IoOutcome.IOVA_WITH_BUS);
            assertThat(mapping.segments().get(1).space()).isEqualTo(AddressSpace.BUS);
            byte[] seen = DmaHost.read(device.memory(), mapping);
            assertThat(Arrays.copyOfRange(seen, (int) PAGE, (int) (2 * PAGE))).isEqualTo(before);
            DmaHost.write(device.memory(), mapping, new byte[seen.length]);
            assertThat(folio.borrowers()).isEqualTo(1);
        }
        assertThat(bytes(folio.deviceBytes())).containsOnly((byte) 0);
        assertThat(pagemap.migratedBytes()).isZero();
        assertThat(folio.borrowers()).isZero();
        it.assertAllFree();
    }

    @Test
    void shouldMapAnAliasThroughTheHostBridgeLikeMemory() {
        TestDevice device = it.translated(with(DevicePrivatePolicy.ALIAS));
        DevicePrivateFolio folio = folio(pagemap(it.bridgePeer, PAGE), PAGE, 1);
        try (DmaMapping mapping = device.map(folio, DmaDirection.TO_DEVICE)) {
            assertThat(mapping.segments().getFirst().space()).isEqualTo(AddressSpace.IOVA);
            assertThat(DmaHost.read(device.memory(), mapping))
                    .isEqualTo(bytes(folio.deviceBytes()));
        }
        it.assertAllFree();
    }

    @ParameterizedTest
    @EnumSource(
            value = DevicePrivatePolicy.class,
            names = {"REFUSE", "ALIAS"})
    void shouldNamePageAndOwnerWhenThereIsNoWay(DevicePrivatePolicy policy) {
        DevicePrivateFolio folio = folio(pagemap(it.stranger, PAGE), PAGE, 1);
        String page = "0x" + Long.toHexString(folio.address(0) + 16);
        for (DmaDevice device : List.of(it.direct(with(policy)), it.translated(with(policy)))) {
            assertThatThrownBy(
                            () -> device.mapPage(folio.address(0) + 16, 8, DmaDirection.TO_DEVICE))
                    .isInstanceOfSatisfying(
                            VerbsException.class, no -> assertThat(no.errno()).isEqualTo(Errno.EIO))
                    .hasMessageContaining("page at physical address " + page)
                    .hasMessageContaining("'stranger'");
        }
        assertThat(folio.borrowers()).isZero();
    }

    @Test
    void shouldMigrateWhereThereIsNoAliasThatTheDeviceReaches() {
        TestDevice device = it.translated(with(DevicePrivatePolicy.ALIAS_OR_MIGRATE));
        DevicePagemap far = pagemap(it.stranger, PAGE);
        DevicePagemap near = pagemap(it.busPeer, PAGE);
        PhysicalVector list =
                new ScatterList()
                        .add(folio(far, PAGE, 1).address(0), 0, PAGE)
                        .add(folio(near, PAGE, 2).address(0), 0, PAGE)
                        .add(folio(near, PAGE, 3).address(0), 0, PAGE);
        device.map(list, DmaDirection.TO_DEVICE).close();
        assertThat(far.migratedBytes()).isEqualTo(PAGE);
        assertThat(far.aliases()).as("lent, and given back unused").isEqualTo(1);
        assertThat(near.migratedBytes()).as("behind the BAR's end").isEqualTo(PAGE);
        assertThat(near.aliases()).isEqualTo(1);
        it.assertAllFree();
    }

    @Test
    void shouldRefuseTheOwnersMappingOfItsOwnPages() {
        AdapterDmaDevice own =
                new AdapterDmaDevice(
                        it.host,
                        it.busPeer,
                        with(DevicePrivatePolicy.ALIAS_OR_MIGRATE),
                        Optional.empty());
        DevicePrivateFolio folio = folio(pagemap(it.busPeer, PAGE), PAGE, 1);
        assertThatThrownBy(() -> own.map(folio, DmaDirection.TO_DEVICE))
                .isInstanceOf(VerbsException.class)
                .hasMessageContaining("is the adapter's own");
    }

    @Test
    void shouldNotMoveWhatADeviceReachesByAnAlias() {
        TestDevice aliasing = it.translated(with(DevicePrivatePolicy.ALIAS));
        TestDevice migrating = it.direct(with(DevicePrivatePolicy.MIGRATE));
        DevicePrivateFolio folio = folio(pagemap(it.busPeer, PAGE), PAGE, 1);
        DmaMapping alias = aliasing.map(folio, DmaDirection.BIDIRECTIONAL);
        assertThatThrownBy(() -> migrating.map(folio, DmaDirection.TO_DEVICE))
                .isInstanceOfSatisfying(
                        VerbsException.class, no -> assertThat(no.errno()).isEqualTo(Errno.EBUSY))
                .hasMessageContaining("reached by an alias");
        DmaHost.write(aliasing.memory(), alias, new byte[(int) PAGE]);
        aliasing.unmapAll(List.of(alias));
        try (DmaMapping moved = migrating.map(folio, DmaDirection.TO_DEVICE)) {
            assertThat(DmaHost.read(migrating.memory(), moved)).containsOnly((byte) 0);
        }
        try (DmaMapping later = aliasing.map(folio, DmaDirection.TO_DEVICE)) {
            assertThat(later.segments().getFirst().space()).isEqualTo(AddressSpace.IOVA);
        }
    }

    /// An owner whose engine fails at the second folio.
    @Test
    void shouldLeaveEverythingConsistentWhenAPartlyMovedVectorIsRefused() {
        List<DevicePrivateFolio> moved = new ArrayList<>();
        DevicePagemapOperations once =
                new DevicePagemapOperations() {
                    @Override
                    public void migrateToRam(DevicePrivateFolio folio, PhysicalAllocation target) {
                        if (!moved.isEmpty()) {
                            throw new VerbsException(Errno.EIO, "migrateToRam", "the engine hangs");
                        }
                        moved.add(folio);
                        engine.migrateToRam(folio, target);
                    }

                    @Override
                    public OptionalLong dmaAddressForDevice(
                            DevicePrivateFolio folio, Optional<PciFunction> client) {
                        return OptionalLong.empty();
                    }
                };
        DevicePagemap failing = it.host.pagemaps().add(it.busPeer, Optional.empty(), once);
        DevicePrivateFolio lent = folio(pagemap(it.bridgePeer, PAGE), PAGE, 1);
        DevicePrivateFolio first = folio(failing, PAGE, 2);
        DevicePrivateFolio second = folio(failing, PAGE, 3);
        byte[] bytes = bytes(first.deviceBytes());
        ScatterList list =
                new ScatterList()
                        .add(lent.address(0), 0, PAGE)
                        .add(first.address(0), 0, PAGE)
                        .add(second.address(0), 0, PAGE);
        TestDevice device = it.translated(with(DevicePrivatePolicy.ALIAS_OR_MIGRATE));
        for (Way way : Way.values()) {
            assertThatThrownBy(() -> way.map(device, list))
                    .isInstanceOf(VerbsException.class)
                    .hasMessageContaining("the engine hangs");
            assertThat(lent.borrowers()).isZero();
            assertThat(device.statistics().maps()).isEqualTo(device.statistics().unmaps());
        }
        assertThat(first.system()).isPresent();
        assertThat(bytes(first.segment())).isEqualTo(bytes);
        assertThat(second.system()).isEmpty();
        assertThat(failing.migratedBytes()).isEqualTo(PAGE);
        it.assertAllFree();
    }

    @Test
    void shouldGiveLoansBackWhenATransactionIsGivenUpOrFindsNoRoom() {
        DevicePrivateFolio folio = folio(pagemap(it.busPeer, PAGE), PAGE, 1);
        TestDevice device = it.translated(with(DevicePrivatePolicy.ALIAS));
        try (DmaTransaction begun = device.begin(folio, DmaDirection.TO_DEVICE)) {
            assertThat(begun.summary().busElements()).isEqualTo(1);
            assertThat(folio.borrowers()).isEqualTo(1);
        }
        assertThat(folio.borrowers()).isZero();
        long window = it.bridge.windowStart() + DmaHost.BUS_OFFSET;
        long windowEnd = it.bridge.windowEnd() + DmaHost.BUS_OFFSET;
        it.domain.reserve(1L << 20, window - 1);
        it.domain.reserve(windowEnd, it.domain.lastAddress());
        ScatterList list =
                new ScatterList()
                        .add(folio.address(0), 0, PAGE)
                        .add(it.contiguous(4L << 20).address(0), 0, 4L << 20);
        TestDevice full = it.translated(with(DevicePrivatePolicy.ALIAS));
        assertThatThrownBy(() -> full.map(list, DmaDirection.TO_DEVICE))
                .isInstanceOfSatisfying(
                        VerbsException.class, no -> assertThat(no.errno()).isEqualTo(Errno.ENOMEM));
        assertThat(folio.borrowers()).isZero();
    }

    @Test
    void shouldReachASoftwareDeviceByPhysicalAddressOnly() {
        DevicePagemap pagemap = pagemap(it.busPeer, PAGE);
        DevicePrivateFolio shown = folio(pagemap, PAGE, 1);
        DevicePrivateFolio hidden = folio(pagemap, PAGE, 2);
        ScatterList list =
                new ScatterList().add(shown.address(0), 0, PAGE).add(hidden.address(0), 0, PAGE);
        byte[] expected = new byte[(int) (2 * PAGE)];
        MemorySegment.ofArray(expected).asSlice(0, PAGE).copyFrom(shown.deviceBytes());
        MemorySegment.ofArray(expected).asSlice(PAGE, PAGE).copyFrom(hidden.deviceBytes());
        SoftwareDmaDevice virtual = software(DmaAddressing.VIRTUAL);
        assertThatThrownBy(() -> virtual.map(list, DmaDirection.TO_DEVICE))
                .isInstanceOf(VerbsException.class)
                .hasMessageContaining("may be neither moved nor reached");
        SoftwareDmaDevice physical = software(DmaAddressing.PHYSICAL);
        try (DmaMapping mapping = physical.map(list, DmaDirection.TO_DEVICE)) {
            assertThat(DmaHost.read(physical.memory(), mapping)).isEqualTo(expected);
        }
        assertThat(pagemap.aliases()).isEqualTo(1);
        assertThat(pagemap.migratedBytes()).isEqualTo(PAGE);
    }

    private SoftwareDmaDevice software(DmaAddressing addressing) {
        return new SoftwareDmaDevice(
                it.host, addressing, DmaLimits.ofBits(64), DevicePrivatePolicy.ALIAS_OR_MIGRATE);
    }

    @Test
    void shouldMoveOnACpusAccessAsAPageFaultDoes() {
        DevicePagemap pagemap = pagemap(it.busPeer, PAGE);
        DevicePrivateFolio folio = folio(pagemap, PAGE, 5);
        byte[] expected = bytes(folio.deviceBytes());
        byte[] read = new byte[(int) PAGE];
        folio.read(0, MemorySegment.ofArray(read));
        assertThat(read).isEqualTo(expected);
        assertThat(pagemap.migratedBytes()).isEqualTo(PAGE);
        folio.close();
        assertThatThrownBy(
                        () ->
                                it.direct(with(DevicePrivatePolicy.MIGRATE))
                                        .map(folio, DmaDirection.TO_DEVICE))
                .isInstanceOf(VerbsException.class)
                .hasMessageContaining("is no memory");
    }

    @Test
    void shouldMoveButNotLendForTheTwoStepCallsByAddress() {
        DevicePrivateFolio folio = folio(pagemap(it.busPeer, PAGE), PAGE, 1);
        TestDevice aliasing = it.translated(with(DevicePrivatePolicy.ALIAS));
        IovaState state = new IovaState();
        assertThat(aliasing.raw().tryAllocate(state, folio.address(0), PAGE)).isTrue();
        assertThatThrownBy(
                        () ->
                                aliasing.raw()
                                        .link(
                                                state,
                                                folio.address(0),
                                                0,
                                                PAGE,
                                                DmaDirection.TO_DEVICE))
                .isInstanceOf(VerbsException.class);
        aliasing.raw().free(state);
        TestDevice moving = it.translated(with(DevicePrivatePolicy.ALIAS_OR_MIGRATE));
        assertThat(moving.raw().tryAllocate(state, folio.address(0), PAGE)).isTrue();
        moving.raw().link(state, folio.address(0), 0, PAGE, DmaDirection.TO_DEVICE);
        moving.raw().sync(state, 0, PAGE);
        assertThat(folio.system()).isPresent();
        moving.raw().destroy(state, PAGE);
        it.assertAllFree();
    }

    @Test
    void shouldBeNoResource() {
        DevicePrivateFolio folio = folio(pagemap(it.busPeer, PAGE), PAGE, 1);
        TestDevice device = it.direct(with(DevicePrivatePolicy.ALIAS_OR_MIGRATE));
        assertThatThrownBy(() -> device.mapResource(folio.address(0), PAGE, DmaDirection.TO_DEVICE))
                .isInstanceOf(VerbsException.class)
                .hasMessageContaining("'neighbour'");
        assertThat(folio.system()).isEmpty();
    }

    @ParameterizedTest
    @EnumSource(
            value = DevicePrivatePolicy.class,
            names = {"MIGRATE", "ALIAS"})
    void shouldGiveTheSanitizerNothingToReport(DevicePrivatePolicy policy) {
        Sanitizer sanitizer = it.host.sanitize();
        CopyEngine mover =
                new CopyEngine(
                        DmaAttachment.of(
                                new AdapterDmaDevice(
                                        it.host,
                                        it.busPeer,
                                        AdapterProperties.standard(),
                                        Optional.empty()),
                                it.host));
        DevicePagemap pagemap =
                it.host.pagemaps().add(it.busPeer, Optional.of(it.busPeer.addBar(PAGE)), mover);
        DevicePrivateFolio folio = folio(pagemap, PAGE, 1);
        TestDevice client = it.translated(with(policy));
        for (Way way : Way.values()) {
            ScatterList list = around(folio, it.scattered(2 * PAGE));
            try (DmaMapping mapping = way.map(client.device(), list)) {
                byte[] seen = DmaHost.read(client.memory(), mapping);
                DmaHost.write(client.memory(), mapping, seen);
            }
        }
        assertThat(sanitizer.reports()).isEmpty();
        assertThat(pagemap.migratedBytes())
                .isEqualTo(policy == DevicePrivatePolicy.MIGRATE ? PAGE : 0);
    }
}
