package org.softverbs.soft.device;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.EnumSet;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.softverbs.verbs.MemoryRegion;
import org.softverbs.verbs.Mtu;
import org.softverbs.verbs.QueuePairState;
import org.softverbs.verbs.SendFlag;
import org.softverbs.verbs.SendWorkRequest;
import org.softverbs.verbs.Sge;
import org.softverbs.verbs.WorkCompletionStatus;

/// A file is cut off under a region that maps it: an access ends the request, and nothing else.
class TruncatedFileTest {

    private static final int LENGTH = 8192;

    private final InProcessPair pair = new InProcessPair(LENGTH, Mtu.MTU_1024);

    @TempDir private Path folder;

    @AfterEach
    void close() {
        for (TestNode node : List.of(pair.left, pair.right)) {
            assertThat(node.context.counters().get("engine_faults")).isZero();
            node.close();
        }
    }

    private MemoryRegion cutOff(TestNode node) throws IOException {
        try (FileChannel file =
                FileChannel.open(
                        folder.resolve("mapped"),
                        StandardOpenOption.CREATE,
                        StandardOpenOption.READ,
                        StandardOpenOption.WRITE)) {
            file.write(ByteBuffer.allocate(LENGTH));
            MemorySegment mapped =
                    file.map(FileChannel.MapMode.READ_WRITE, 0, LENGTH, Arena.ofAuto());
            MemoryRegion region = node.domain.registerMemory(mapped, TestNode.ALL_ACCESS);
            file.truncate(0);
            return region;
        }
    }

    private List<WorkCompletionStatus> write(Sge from, MemoryRegion to) {
        return pair.run(
                new SendWorkRequest.RdmaWrite(
                        1,
                        List.of(from),
                        to.address(),
                        to.remoteKey(),
                        EnumSet.of(SendFlag.SIGNALED)));
    }

    @Test
    void shouldRefuseWhatAPeerWrites() throws IOException {
        try (MemoryRegion region = cutOff(pair.right)) {
            assertThat(write(pair.left.region.element(0, 100), region))
                    .containsExactly(WorkCompletionStatus.REM_ACCESS_ERR);
        }
        assertThat(pair.left.state()).isEqualTo(QueuePairState.ERR);
    }

    @Test
    void shouldRefuseAnAtomic() throws IOException {
        try (MemoryRegion region = cutOff(pair.right)) {
            assertThat(
                            pair.run(
                                    new SendWorkRequest.FetchAndAdd(
                                            1,
                                            List.of(pair.left.region.element(0, 8)),
                                            region.address(),
                                            region.remoteKey(),
                                            1,
                                            EnumSet.of(SendFlag.SIGNALED))))
                    .containsExactly(WorkCompletionStatus.REM_ACCESS_ERR);
        }
    }
}
