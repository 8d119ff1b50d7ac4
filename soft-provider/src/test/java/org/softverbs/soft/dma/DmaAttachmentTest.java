package org.softverbs.soft.dma;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.softverbs.dma.DmaAddressing;
import org.softverbs.dma.DmaDirection;
import org.softverbs.dma.DmaMapping;
import org.softverbs.dma.PhysicalAllocation;
import org.softverbs.dma.PhysicalMemoryRequest;
import org.softverbs.junit.Provokes;
import org.softverbs.sanitizer.Finding;
import org.softverbs.soft.host.Host;
import org.softverbs.soft.host.RandomSource;
import org.softverbs.soft.pci.PciFunction;
import org.softverbs.verbs.VerbsException;

class DmaAttachmentTest {

    private final Host host = new Host(() -> 0, RandomSource.seeded(new SplittableRandom(1)));
    private final DmaSettings bouncing =
            DmaSettings.of(DmaAddressing.IOVA).withBouncePolicy(BouncePolicy.ALWAYS);

    /// Each has 64 MiB of bounce buffers below 4 GiB: a hundred of them find no room together.
    @Test
    void shouldGiveItsBounceBuffersBack() {
        for (int i = 0; i < 100; i++) {
            DmaAttachment.of(bouncing, host).close();
            DmaAttachment.of(bouncing.withIommu(true), host).close();
        }
        assertThatThrownBy(
                        () -> {
                            for (int i = 0; i < 100; i++) {
                                DmaAttachment.of(bouncing, host);
                            }
                        })
                .as("without a close")
                .isInstanceOf(VerbsException.class);
    }

    @Test
    void shouldLeaveTheBus() {
        DmaAttachment first = DmaAttachment.of(bouncing, host);
        DmaAttachment second = DmaAttachment.of(bouncing, host);
        first.close();
        PciFunction third = host.pci().addAdapter();
        assertThat(third.name()).isEqualTo("adapter 3");
        second.close();
        host.pci().addFunction("adapter 1", third.hostBridge());
    }

    /// A driver's mistake; nobody else may get the memory that is to be copied back.
    @Test
    @Provokes(value = Finding.LEFT_MAPPED, because = "the driver makes a mistake")
    void shouldKeepTheBuffersOfWhatIsLeftMapped() {
        DmaAttachment attachment = DmaAttachment.of(bouncing, host);
        PhysicalAllocation memory =
                host.physicalMemory().allocate(PhysicalMemoryRequest.contiguous(4096));
        DmaMapping left = attachment.device().map(memory, DmaDirection.FROM_DEVICE);
        long buffer = left.segments().getFirst().address();
        attachment.close();
        assertThat(host.physicalMemory().isMemory(buffer, 4096)).isTrue();
        left.close();
        attachment.close();
        assertThat(host.physicalMemory().isMemory(buffer, 4096)).isFalse();
    }
}
