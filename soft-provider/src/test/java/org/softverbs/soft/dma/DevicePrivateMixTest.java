package org.softverbs.soft.dma;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.softverbs.dma.DmaDevice;
import org.softverbs.dma.DmaMapping;
import org.softverbs.dma.PhysicalAllocation;
import org.softverbs.dma.ScatterList;
import org.softverbs.soft.memory.AddressedMemory;
import org.softverbs.soft.pci.DevicePagemap;
import org.softverbs.soft.pci.DevicePrivateFolio;

/// Device-private pages among others, at random.
class DevicePrivateMixTest {

    private static final long PAGE = DmaHost.PAGE;

    /// A device and what it sees.
    record Client(DmaHost it, DmaDevice device, AddressedMemory memory) {}

    static Stream<Client> clients() {
        List<Client> clients = new ArrayList<>();
        for (DevicePrivatePolicy policy :
                List.of(DevicePrivatePolicy.MIGRATE, DevicePrivatePolicy.ALIAS_OR_MIGRATE)) {
            for (AdapterProperties properties :
                    List.of(AdapterProperties.standard(), DmaHost.untrusted(), DmaHost.forced())) {
                DmaHost one = new DmaHost();
                TestDevice direct = one.direct(properties.withDevicePrivate(policy));
                clients.add(new Client(one, direct, direct.memory()));
                DmaHost other = new DmaHost();
                TestDevice device = other.translated(properties.withDevicePrivate(policy));
                clients.add(new Client(other, device, device.memory()));
            }
        }
        return clients.stream();
    }

    @ParameterizedTest
    @MethodSource("clients")
    void shouldShowADeviceTheBytesOfAnyMixOfPages(Client client) {
        long seed = System.nanoTime();
        System.out.println("DevicePrivateMixTest seed " + seed);
        SplittableRandom random = new SplittableRandom(seed);
        CopyEngine mover =
                new CopyEngine(
                        DmaAttachment.of(
                                new AdapterDmaDevice(
                                        client.it.host,
                                        client.it.busPeer,
                                        AdapterProperties.standard(),
                                        Optional.empty()),
                                client.it.host));
        for (int round = 0; round < 200; round++) {
            DevicePagemap pagemap =
                    client.it
                            .host
                            .pagemaps()
                            .add(
                                    client.it.busPeer,
                                    Optional.of(client.it.busPeer.addBar(4 * PAGE)),
                                    mover);
            checkMix(client, pagemap, random, "seed " + seed + " round " + round);
        }
    }

    private static void checkMix(
            Client client, DevicePagemap pagemap, SplittableRandom random, String what) {
        ScatterList list = new ScatterList();
        List<byte[]> expected = new ArrayList<>();
        for (int i = random.nextInt(1, 9); i > 0; i--) {
            long length = PAGE * random.nextLong(1, 4);
            boolean isPrivate = random.nextBoolean();
            PhysicalAllocation memory =
                    isPrivate ? pagemap.allocate(length) : client.it.contiguous(length);
            MemorySegment bytes =
                    memory instanceof DevicePrivateFolio folio
                            ? folio.deviceBytes()
                            : memory.segment();
            DmaHost.fill(bytes, random.nextInt());
            long offset = random.nextInt(3) == 0 ? random.nextLong(PAGE) : 0;
            long size =
                    random.nextInt(3) == 0
                            ? random.nextLong(1, length - offset + 1)
                            : length - offset;
            list.add(memory.address(0), offset, size);
            expected.add(bytes.asSlice(offset, size).toArray(ValueLayout.JAVA_BYTE));
        }
        DevicePrivatePagesTest.Way way =
                DevicePrivatePagesTest.Way.values()[
                        random.nextInt(DevicePrivatePagesTest.Way.values().length)];
        try (DmaMapping mapping = way.map(client.device, list)) {
            byte[] all = new byte[(int) list.total()];
            int at = 0;
            for (byte[] part : expected) {
                System.arraycopy(part, 0, all, at, part.length);
                at += part.length;
            }
            assertThat(DmaHost.read(client.memory, mapping)).as(what + " " + way).isEqualTo(all);
        }
        client.it.assertAllFree();
    }
}
