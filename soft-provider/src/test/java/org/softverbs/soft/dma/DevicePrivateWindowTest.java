package org.softverbs.soft.dma;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.softverbs.dma.DmaDirection;
import org.softverbs.dma.DmaMapping;
import org.softverbs.dma.PhysicalAllocation;
import org.softverbs.soft.pci.DevicePagemap;
import org.softverbs.soft.pci.DevicePrivateFolio;
import org.softverbs.verbs.Errno;
import org.softverbs.verbs.VerbsException;

/// The BAR that shows device-private memory, while folios come and go.
class DevicePrivateWindowTest {

    private static final long PAGE = DmaHost.PAGE;
    private static final int WINDOW_PAGES = 16;

    private final DmaHost it = new DmaHost();
    private final AdapterDmaDevice gpu =
            new AdapterDmaDevice(
                    it.host, it.busPeer, AdapterProperties.standard(), Optional.empty());
    private final PhysicalAllocation bar = it.busPeer.addBar(WINDOW_PAGES * PAGE);
    private final DevicePagemap pagemap =
            it.host
                    .pagemaps()
                    .add(
                            it.busPeer,
                            Optional.of(bar),
                            new CopyEngine(DmaAttachment.of(gpu, it.host)));

    @Test
    void shouldShowAFolioWhereAClosedOneWas() {
        for (int i = 0; i < 3 * WINDOW_PAGES; i++) {
            DevicePrivateFolio folio = pagemap.allocate(PAGE - 1);
            assertThat(folio.windowAddress()).hasValue(bar.address(0));
            assertThat(folio.deviceBytes().toArray(ValueLayout.JAVA_BYTE)).containsOnly((byte) 0);
            folio.deviceBytes().fill((byte) 7);
            folio.close();
        }
    }

    @Test
    void shouldGiveAPlaceInTheWindowBackOnce() {
        DevicePrivateFolio first = pagemap.allocate(WINDOW_PAGES * PAGE);
        first.close();
        DevicePrivateFolio second = pagemap.allocate(WINDOW_PAGES * PAGE);
        first.close();
        assertThat(second.windowAddress()).isPresent();
        assertThat(pagemap.allocate(PAGE).windowAddress()).isEmpty();
    }

    @Test
    void shouldGiveThePlaceOfAMovedFolioBackToo() {
        DevicePrivateFolio moved = pagemap.allocate(WINDOW_PAGES * PAGE);
        moved.migrateToRam();
        moved.close();
        assertThat(pagemap.allocate(WINDOW_PAGES * PAGE).windowAddress()).hasValue(bar.address(0));
    }

    @Test
    void shouldShowNoPageOfTheWindowAsTwoFoliosAndHaveAllOfItFreeAtTheEnd() {
        long seed = System.nanoTime();
        System.out.println("DevicePrivateWindowTest seed " + seed);
        SplittableRandom random = new SplittableRandom(seed);
        List<DevicePrivateFolio> open = new ArrayList<>();
        for (int round = 0; round < 2000; round++) {
            if (open.isEmpty() || random.nextInt(5) < 3) {
                open.add(pagemap.allocate(random.nextLong(1, 4 * PAGE + 1)));
            } else {
                open.remove(random.nextInt(open.size())).close();
            }
            assertThat(shownPages(open))
                    .as("seed " + seed + " round " + round)
                    .doesNotHaveDuplicates();
        }
        open.forEach(DevicePrivateFolio::close);
        assertThat(pagemap.allocate(WINDOW_PAGES * PAGE).windowAddress())
                .as("seed " + seed)
                .hasValue(bar.address(0));
    }

    private static List<Long> shownPages(List<DevicePrivateFolio> folios) {
        List<Long> pages = new ArrayList<>();
        for (DevicePrivateFolio folio : folios) {
            folio.windowAddress()
                    .ifPresent(
                            first -> {
                                for (long at = 0; at < folio.total(); at += PAGE) {
                                    pages.add(first + at);
                                }
                            });
        }
        return pages;
    }

    @Test
    void shouldRefuseToCloseAFolioThatIsLent() {
        TestDevice device =
                it.translated(
                        AdapterProperties.standard().withDevicePrivate(DevicePrivatePolicy.ALIAS));
        DevicePrivateFolio folio = pagemap.allocate(PAGE);
        DmaMapping first = device.map(folio, DmaDirection.TO_DEVICE);
        DmaMapping second = device.map(folio, DmaDirection.FROM_DEVICE);
        assertThatThrownBy(folio::close)
                .isInstanceOfSatisfying(
                        VerbsException.class, no -> assertThat(no.errno()).isEqualTo(Errno.EBUSY))
                .hasMessageContaining(folio + " is reached by an alias of 2 mappings");
        DmaHost.write(device.memory(), second, new byte[(int) PAGE]);
        first.close();
        second.close();
        device.map(folio, DmaDirection.TO_DEVICE).close();
        folio.close();
        assertThat(pagemap.allocate(PAGE).windowAddress()).hasValue(bar.address(0));
        it.assertAllFree();
    }

    @Test
    void shouldNeitherLendNorMoveAFolioThatIsClosed() {
        DevicePrivateFolio folio = pagemap.allocate(PAGE);
        folio.close();
        assertThatThrownBy(() -> folio.borrow(Optional.empty()))
                .isInstanceOfSatisfying(
                        VerbsException.class, no -> assertThat(no.errno()).isEqualTo(Errno.EFAULT));
        assertThatThrownBy(folio::migrateToRam)
                .isInstanceOfSatisfying(
                        VerbsException.class, no -> assertThat(no.errno()).isEqualTo(Errno.EFAULT));
    }
}
