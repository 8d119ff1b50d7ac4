package org.softverbs.soft.dma;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Optional;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.softverbs.dma.AddressSpace;
import org.softverbs.dma.DmaDirection;
import org.softverbs.dma.DmaLimits;
import org.softverbs.dma.DmaMapping;
import org.softverbs.dma.DmaSegment;
import org.softverbs.dma.IoOutcome;
import org.softverbs.dma.PageFlag;
import org.softverbs.dma.PhysicalAllocation;
import org.softverbs.dma.PhysicalMemoryRequest;
import org.softverbs.dma.ScatterList;
import org.softverbs.junit.Provokes;
import org.softverbs.sanitized.Sanitized;
import org.softverbs.sanitizer.Finding;
import org.softverbs.soft.bounce.BouncePool;
import org.softverbs.soft.bounce.SwiotlbPool;
import org.softverbs.soft.bounce.SwiotlbSettings;
import org.softverbs.soft.host.Host;
import org.softverbs.soft.host.RandomSource;
import org.softverbs.soft.packet.RunList;
import org.softverbs.soft.pci.HostBridge;
import org.softverbs.soft.pci.HostBridge.PeerTraffic;
import org.softverbs.soft.pci.PciBridge;
import org.softverbs.soft.pci.PciFunction;
import org.softverbs.verbs.VerbsException;

/// `dma-direct`: physical addresses, bus addresses of peers, bounce buffers for the rest.
class AdapterDmaDeviceTest {

    private static final long PAGE = 4096;
    private static final long BUS_OFFSET = 1L << 45;

    private final Host host = Sanitized.host(() -> 0, RandomSource.seeded(new SplittableRandom(1)));
    private final HostBridge bridge =
            host.pci().addHostBridge("host", PeerTraffic.SAME_BRIDGE, BUS_OFFSET);
    private final PciBridge root = host.pci().addBridge("root port", bridge, false);
    private final PciFunction adapter = host.pci().addFunction("adapter", root);
    private final SwiotlbPool pool =
            new SwiotlbPool(host.physicalMemory(), SwiotlbSettings.defaults(1));

    private TestDevice device(AdapterProperties properties) {
        return device(properties, Optional.of(pool));
    }

    private TestDevice device(AdapterProperties properties, Optional<BouncePool> buffers) {
        return TestDevice.of(new AdapterDmaDevice(host, adapter, properties, buffers), host);
    }

    private TestDevice standard() {
        return device(AdapterProperties.standard());
    }

    private PhysicalAllocation allocate(PhysicalMemoryRequest request) {
        return host.physicalMemory().allocate(request);
    }

    private MemorySegment bytes(DmaSegment segment) {
        RunList runs = new RunList();
        assertThat(host.physicalMemory().resolve(segment.address(), segment.length(), runs))
                .isTrue();
        return runs.segment(0).asSlice(runs.offset(0), runs.length(0));
    }

    @Test
    void shouldGivePhysicalAddressesAndKeepNothing() {
        PhysicalAllocation pages = allocate(PhysicalMemoryRequest.scattered(3 * PAGE));
        DmaMapping mapping = standard().map(pages, DmaDirection.TO_DEVICE);
        assertThat(mapping.outcome()).isEqualTo(IoOutcome.DIRECT);
        assertThat(mapping.segments())
                .extracting(DmaSegment::space)
                .containsOnly(AddressSpace.PHYSICAL);
        assertThat(mapping.segments()).hasSize(3);
    }

    /// F3: on a direct map, as many segments as there are physical runs, and one for the peer.
    @Test
    void shouldPutAPeersBusAddressBetweenMemory() {
        PhysicalAllocation bar = host.pci().addFunction("nvme", root).addBar(PAGE);
        PhysicalAllocation pages = allocate(PhysicalMemoryRequest.scattered(2 * PAGE));
        ScatterList list =
                new ScatterList()
                        .add(pages.range(0, PAGE))
                        .add(bar.range(0, PAGE))
                        .add(pages.range(PAGE, PAGE));
        assertThat(standard().mapSg(list, DmaDirection.TO_DEVICE).segments())
                .containsExactly(
                        new DmaSegment(AddressSpace.PHYSICAL, pages.address(0), PAGE),
                        new DmaSegment(AddressSpace.BUS, bar.address(0) + BUS_OFFSET, PAGE),
                        new DmaSegment(AddressSpace.PHYSICAL, pages.address(1), PAGE));
    }

    @Test
    void shouldReachAPeerThroughTheHostBridgeLikeMemory() {
        PhysicalAllocation bar = host.pci().addFunction("nvme", bridge).addBar(PAGE);
        assertThat(standard().map(bar, DmaDirection.TO_DEVICE).segments())
                .containsExactly(new DmaSegment(AddressSpace.PHYSICAL, bar.address(0), PAGE));
    }

    @Test
    void shouldRefuseAPeerThatCannotBeReached() {
        PciFunction stranger =
                host.pci()
                        .addFunction(
                                "stranger", host.pci().addHostBridge("other", PeerTraffic.NONE, 0));
        PhysicalAllocation bar = stranger.addBar(PAGE);
        assertThatThrownBy(() -> standard().map(bar, DmaDirection.TO_DEVICE))
                .isInstanceOf(VerbsException.class)
                .hasMessageContaining("element 0")
                .hasMessageContaining("is memory of 'stranger', which the adapter cannot reach")
                .hasMessageContaining("EREMOTEIO");
    }

    @Test
    void shouldBounceWhatLiesBeyondTheMask() {
        TestDevice narrow = device(AdapterProperties.standard().withLimits(DmaLimits.ofBits(32)));
        PhysicalAllocation page = allocate(PhysicalMemoryRequest.contiguous(PAGE));
        page.segment().fill((byte) 5);
        DmaMapping mapping = narrow.map(page, DmaDirection.BIDIRECTIONAL);
        assertThat(mapping.outcome()).isEqualTo(IoOutcome.BOUNCE_SINGLE);
        DmaSegment segment = mapping.segments().getFirst();
        assertThat(segment.space()).isEqualTo(AddressSpace.BOUNCE);
        assertThat(segment.address() + segment.length()).isLessThanOrEqualTo(1L << 32);
        assertThat(bytes(segment).get(ValueLayout.JAVA_BYTE, 17)).isEqualTo((byte) 5);
        bytes(segment).set(ValueLayout.JAVA_BYTE, 17, (byte) 6);
        mapping.syncForCpu();
        assertThat(page.segment().get(ValueLayout.JAVA_BYTE, 17)).isEqualTo((byte) 6);
        page.segment().set(ValueLayout.JAVA_BYTE, 18, (byte) 7);
        mapping.syncForDevice();
        assertThat(bytes(segment).get(ValueLayout.JAVA_BYTE, 18)).isEqualTo((byte) 7);
        bytes(segment).set(ValueLayout.JAVA_BYTE, 19, (byte) 8);
        mapping.close();
        assertThat(page.segment().get(ValueLayout.JAVA_BYTE, 19)).isEqualTo((byte) 8);
        assertThat(pool.statistics().slotsUsed()).isZero();
    }

    @Test
    void shouldBounceEachElementThatNeedsIt() {
        TestDevice narrow = device(AdapterProperties.standard().withLimits(DmaLimits.ofBits(32)));
        PhysicalAllocation low =
                allocate(PhysicalMemoryRequest.contiguous(PAGE).withBelow(1L << 32));
        PhysicalAllocation far = allocate(PhysicalMemoryRequest.scattered(2 * PAGE));
        ScatterList list =
                new ScatterList()
                        .add(far.range(0, PAGE))
                        .add(low.range(0, PAGE))
                        .add(far.range(PAGE, PAGE));
        DmaMapping mapping = narrow.mapSg(list, DmaDirection.TO_DEVICE);
        assertThat(mapping.outcome()).isEqualTo(IoOutcome.BOUNCE_SEVERAL);
        assertThat(mapping.segments())
                .extracting(DmaSegment::space)
                .containsExactly(AddressSpace.BOUNCE, AddressSpace.PHYSICAL, AddressSpace.BOUNCE);
        assertThat(narrow.statistics().bouncedBytes()).isEqualTo(2 * PAGE);
    }

    /// Confidential computing: what the device cannot decrypt it gets in decrypted memory.
    @Test
    void shouldBouncePrivateMemoryUnlessTheAdapterHandlesIt() {
        PhysicalAllocation page =
                allocate(PhysicalMemoryRequest.contiguous(PAGE).withFlag(PageFlag.PRIVATE));
        assertThat(standard().map(page, DmaDirection.TO_DEVICE).outcome())
                .isEqualTo(IoOutcome.BOUNCE_SINGLE);
        assertThat(
                        device(AdapterProperties.standard().withHandlesPrivate(true))
                                .map(page, DmaDirection.TO_DEVICE)
                                .outcome())
                .isEqualTo(IoOutcome.DIRECT);
    }

    @Test
    void shouldBounceEverythingWhenToldToButNoPeer() {
        TestDevice forced =
                device(AdapterProperties.standard().withBouncePolicy(BouncePolicy.ALWAYS));
        PhysicalAllocation page = allocate(PhysicalMemoryRequest.contiguous(PAGE));
        assertThat(forced.map(page, DmaDirection.TO_DEVICE).outcome())
                .isEqualTo(IoOutcome.BOUNCE_SINGLE);
        PhysicalAllocation bar = host.pci().addFunction("nvme", bridge).addBar(PAGE);
        assertThatThrownBy(() -> forced.map(bar, DmaDirection.TO_DEVICE))
                .hasMessageContaining("is a peer's memory, which cannot be bounced");
    }

    @Test
    @Provokes(value = Finding.BEYOND_MASK, because = "it is refused")
    void shouldSayWhyNothingWasBounced() {
        PhysicalAllocation page = allocate(PhysicalMemoryRequest.contiguous(PAGE));
        AdapterProperties narrow = AdapterProperties.standard().withLimits(DmaLimits.ofBits(32));
        assertThatThrownBy(
                        () ->
                                device(narrow.withBouncePolicy(BouncePolicy.OFF))
                                        .map(page, DmaDirection.TO_DEVICE))
                .hasMessageContaining(
                        "lies beyond the adapter's mask of 0xffffffff, and nothing may be bounced");
        assertThatThrownBy(() -> device(narrow, Optional.empty()).map(page, DmaDirection.TO_DEVICE))
                .hasMessageContaining("and there is no bounce buffer");
    }

    @Test
    @Provokes(value = Finding.BEYOND_MASK, because = "it is refused")
    void shouldGiveAllBuffersBackWhenOneIsRefused() {
        TestDevice narrow = device(AdapterProperties.standard().withLimits(DmaLimits.ofBits(32)));
        PhysicalAllocation far = allocate(PhysicalMemoryRequest.contiguous(1 << 20));
        ScatterList list =
                new ScatterList().add(far.range(0, PAGE)).add(far.range(PAGE, 300 << 10));
        assertThatThrownBy(() -> narrow.mapSg(list, DmaDirection.TO_DEVICE))
                .isInstanceOf(VerbsException.class)
                .hasMessageContaining("element 1")
                .hasMessageContaining("TOO_LARGE")
                .hasMessageContaining("ENOMEM");
        assertThat(pool.statistics().slotsUsed()).isZero();
        assertThat(narrow.statistics().maps()).isZero();
    }

    @Test
    void shouldBounceAPeerThatCannotBeReachedOnlyWhenItMay() {
        HostBridge other = host.pci().addHostBridge("other", PeerTraffic.NONE, 0);
        PhysicalAllocation bar = host.pci().addFunction("strange peer", other).addBar(PAGE);
        assertThatThrownBy(() -> standard().map(bar, DmaDirection.BIDIRECTIONAL))
                .isInstanceOf(VerbsException.class)
                .hasMessageContaining("cannot reach");
        TestDevice device = device(AdapterProperties.standard().withBouncesPeers(true));
        bar.segment().set(ValueLayout.JAVA_BYTE, 7, (byte) 1);
        try (DmaMapping mapping = device.map(bar, DmaDirection.BIDIRECTIONAL)) {
            assertThat(mapping.outcome()).isEqualTo(IoOutcome.BOUNCE_SINGLE);
            MemorySegment buffer = bytes(mapping.segments().getFirst());
            assertThat(buffer.get(ValueLayout.JAVA_BYTE, 7)).isEqualTo((byte) 1);
            buffer.set(ValueLayout.JAVA_BYTE, 8, (byte) 2);
        }
        assertThat(bar.segment().get(ValueLayout.JAVA_BYTE, 8)).isEqualTo((byte) 2);
        assertThat(device.statistics().bouncedBytes()).isEqualTo(PAGE);
        assertThat(device.statistics().copiedBytes()).isEqualTo(2 * PAGE);
    }
}
