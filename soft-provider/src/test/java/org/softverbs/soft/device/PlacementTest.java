package org.softverbs.soft.device;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.softverbs.verbs.AccessFlag;
import org.softverbs.verbs.Errno;
import org.softverbs.verbs.MemoryRegion;
import org.softverbs.verbs.Mtu;
import org.softverbs.verbs.PlacementType;
import org.softverbs.verbs.QueuePairAttributes;
import org.softverbs.verbs.Reregistration;
import org.softverbs.verbs.SelectivityLevel;
import org.softverbs.verbs.SendFlag;
import org.softverbs.verbs.SendWorkRequest;
import org.softverbs.verbs.SendWorkRequest.AtomicWrite;
import org.softverbs.verbs.SendWorkRequest.Flush;
import org.softverbs.verbs.VerbsException;
import org.softverbs.verbs.WorkCompletionStatus;

/// FLUSH and ATOMIC WRITE between two devices; how they look on the wire is said by packet scripts.
class PlacementTest {

    private static final int LENGTH = 8192;
    private static final Set<SendFlag> SIGNALED = EnumSet.of(SendFlag.SIGNALED);
    private static final Set<AccessFlag> PERSISTENT = persistent();

    private final InProcessPair pair = new InProcessPair(LENGTH, Mtu.MTU_1024);

    @TempDir private Path folder;

    private static Set<AccessFlag> persistent() {
        Set<AccessFlag> access = new HashSet<>(TestNode.ALL_ACCESS);
        access.add(AccessFlag.FLUSH_PERSISTENT);
        return access;
    }

    @AfterEach
    void close() {
        for (TestNode node : List.of(pair.left, pair.right)) {
            assertThat(node.context.counters().get("engine_faults")).isZero();
            node.close();
        }
    }

    private static Flush flush(
            MemoryRegion region, long length, SelectivityLevel level, PlacementType... types) {
        return new Flush(
                1, region.address(), length, region.remoteKey(), Set.of(types), level, SIGNALED);
    }

    private MemorySegment mapped() throws IOException {
        try (FileChannel file =
                FileChannel.open(
                        folder.resolve("mapped"),
                        StandardOpenOption.CREATE,
                        StandardOpenOption.READ,
                        StandardOpenOption.WRITE)) {
            return file.map(FileChannel.MapMode.READ_WRITE, 0, LENGTH, Arena.ofAuto());
        }
    }

    private static void assertRefused(String reason, ThrowingCallable verb) {
        assertThatThrownBy(verb)
                .isInstanceOfSatisfying(
                        VerbsException.class, it -> assertThat(it.errno()).isEqualTo(Errno.EINVAL))
                .hasMessageContaining(reason);
    }

    private long persisted() {
        return pair.right.context.counters().getOrDefault("persisted_bytes", -1L);
    }

    private void assertSucceeds(SendWorkRequest request) {
        assertThat(pair.run(request)).containsExactly(WorkCompletionStatus.SUCCESS);
    }

    @Test
    void shouldBringWhatWasWrittenToTheFile() throws IOException {
        pair.left.fill(5);
        pair.right.queuePair.modify(QueuePairAttributes.builder().accessFlags(PERSISTENT).build());
        try (MemoryRegion region = pair.right.domain.registerMemory(mapped(), PERSISTENT)) {
            SendWorkRequest write =
                    new SendWorkRequest.RdmaWrite(
                            1,
                            List.of(pair.left.region.element(0, LENGTH)),
                            region.address(),
                            region.remoteKey(),
                            SIGNALED);
            assertSucceeds(write);
            assertSucceeds(
                    flush(
                            region,
                            LENGTH,
                            SelectivityLevel.RANGE,
                            PlacementType.GLOBAL,
                            PlacementType.PERSISTENT));
            assertThat(persisted()).isEqualTo(LENGTH);
            assertSucceeds(flush(region, 100, SelectivityLevel.RANGE, PlacementType.PERSISTENT));
            assertThat(persisted()).isEqualTo(LENGTH + 100);
            assertSucceeds(
                    flush(region, -1, SelectivityLevel.MEMORY_REGION, PlacementType.PERSISTENT));
            assertThat(persisted()).isEqualTo(2 * LENGTH + 100);
            assertSucceeds(flush(region, LENGTH, SelectivityLevel.RANGE, PlacementType.GLOBAL));
            assertThat(persisted()).isEqualTo(2 * LENGTH + 100);
        }
        assertThat(Files.readAllBytes(folder.resolve("mapped")))
                .isEqualTo(
                        pair.left
                                .region
                                .segment()
                                .asSlice(0, LENGTH)
                                .toArray(ValueLayout.JAVA_BYTE));
    }

    @Test
    void shouldRegisterOnlyMappedFilesAsPersistent() throws IOException {
        MemorySegment memory = Arena.ofAuto().allocate(LENGTH);
        assertRefused(
                "FLUSH_PERSISTENT", () -> pair.right.domain.registerMemory(memory, PERSISTENT));
        Set<AccessFlag> implicit = EnumSet.of(AccessFlag.ON_DEMAND, AccessFlag.FLUSH_PERSISTENT);
        assertRefused("FLUSH_PERSISTENT", () -> pair.right.domain.registerImplicit(implicit));
        assertRefused(
                "FLUSH_PERSISTENT",
                () ->
                        pair.right.region.reregister(
                                Reregistration.nothing().withAccess(PERSISTENT)));
        pair.right.domain.registerMemory(mapped(), PERSISTENT).close();
    }

    @Test
    void shouldSurviveAFlushOfAFileThatWasCutOff() throws IOException {
        MemorySegment memory = mapped();
        try (FileChannel file =
                FileChannel.open(folder.resolve("mapped"), StandardOpenOption.WRITE)) {
            file.truncate(0);
        }
        pair.right.queuePair.modify(QueuePairAttributes.builder().accessFlags(PERSISTENT).build());
        try (MemoryRegion region = pair.right.domain.registerMemory(memory, PERSISTENT)) {
            assertThat(
                            pair.run(
                                    flush(
                                            region,
                                            LENGTH,
                                            SelectivityLevel.RANGE,
                                            PlacementType.PERSISTENT)))
                    .hasSize(1);
        }
    }

    @Test
    void shouldWriteEightBytesAtOnce() {
        MemoryRegion region = pair.right.region;
        assertSucceeds(
                new AtomicWrite(
                        1,
                        0x0102030405060708L,
                        region.address() + 16,
                        region.remoteKey(),
                        SIGNALED));
        assertThat(region.segment().get(ValueLayout.JAVA_LONG, 16)).isEqualTo(0x0102030405060708L);
        assertThat(region.segment().get(ValueLayout.JAVA_LONG, 8)).isZero();
        assertThat(region.segment().get(ValueLayout.JAVA_LONG, 24)).isZero();
    }

    @Test
    void shouldRefuseAFlushThatSaysTooLittleOrTooMuch() {
        MemoryRegion region = pair.right.region;
        assertRefused(
                "placement type",
                () -> pair.left.queuePair.postSend(flush(region, 8, SelectivityLevel.RANGE)));
        assertRefused(
                "length 2147483649",
                () ->
                        pair.left.queuePair.postSend(
                                flush(
                                        region,
                                        (1L << 31) + 1,
                                        SelectivityLevel.RANGE,
                                        PlacementType.GLOBAL)));
        assertRefused(
                "takes no elements",
                () -> pair.left.queuePair.sendCursor().atomicWrite(1, 0, 0, 0).element(0, 8, 0));
        Set<SendFlag> inline = EnumSet.of(SendFlag.INLINE);
        assertRefused(
                "cannot be inline",
                () -> pair.left.queuePair.postSend(new AtomicWrite(1, 0, 0, 0, inline)));
    }
}
