package org.softverbs.soft.device;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.softverbs.dma.DmaAddressing;
import org.softverbs.dma.DmaDirection;
import org.softverbs.dma.DmaStatistics;
import org.softverbs.dma.PhysicalAllocation;
import org.softverbs.dma.PhysicalMemoryRequest;
import org.softverbs.dma.PhysicalVector;
import org.softverbs.rw.ReadWriteContext;
import org.softverbs.rw.ReadWriteLimits;
import org.softverbs.rw.ReadWriteQueue;
import org.softverbs.rw.ReadWriteStrategy;
import org.softverbs.soft.dma.DmaSettings;
import org.softverbs.verbs.Mtu;
import org.softverbs.verbs.SignatureAttributes;
import org.softverbs.verbs.SignatureDomain;
import org.softverbs.verbs.SignatureError;
import org.softverbs.verbs.SignatureGuard;
import org.softverbs.verbs.VerbsException;
import org.softverbs.verbs.WorkCompletion;

/// T10-DIF: generated, checked and stripped between memory and wire.
class SignatureTest {

    private static final int BLOCK = 512;
    private static final int BLOCKS = 64;
    private static final int DATA = BLOCK * BLOCKS;
    private static final int TUPLE = SignatureDomain.TUPLE;
    private static final int WIRE_BLOCK = BLOCK + TUPLE;
    private static final ValueLayout.OfShort SHORT =
            ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);
    private static final ValueLayout.OfInt INT =
            ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);

    private static final SignatureDomain WIRE = SignatureDomain.t10(0x1234, 77);
    private static final SignatureDomain MEMORY =
            new SignatureDomain(SignatureGuard.IP_CHECKSUM, BLOCK, 0xabcd, 5, false);
    private static final SignatureAttributes GENERATE =
            new SignatureAttributes(Optional.empty(), Optional.of(WIRE));
    private static final SignatureAttributes STRIP =
            new SignatureAttributes(Optional.of(MEMORY), Optional.empty());
    private static final SignatureAttributes PASS =
            new SignatureAttributes(Optional.of(MEMORY), Optional.of(WIRE));

    static List<DmaSettings> attachments() {
        return List.of(
                DmaSettings.of(DmaAddressing.PHYSICAL),
                DmaSettings.of(DmaAddressing.VIRTUAL),
                DmaSettings.of(DmaAddressing.IOVA).withIommu(true));
    }

    /// A node with data and tuples in scattered memory, and a peer with the wire's form.
    private static final class Bench implements AutoCloseable {

        private final InProcessPair pair;
        private final ReadWriteQueue queue;
        private final PhysicalAllocation data;
        private final PhysicalAllocation tuples;

        Bench(DmaSettings dma) {
            pair = new InProcessPair((long) WIRE_BLOCK * BLOCKS, Mtu.MTU_1024, dma);
            queue =
                    new ReadWriteQueue(
                            pair.left.queuePair,
                            ReadWriteLimits.of(pair.left.queuePair, false),
                            0,
                            1);
            data = allocate(DATA);
            tuples = allocate(TUPLE * BLOCKS);
            for (long i = 0; i < DATA; i++) {
                data.segment().set(ValueLayout.JAVA_BYTE, i, TestNode.pattern(1, i));
            }
        }

        private PhysicalAllocation allocate(long bytes) {
            return pair.left
                    .privileged()
                    .context()
                    .physicalMemory()
                    .allocate(PhysicalMemoryRequest.scattered(bytes));
        }

        MemorySegment wire() {
            return pair.right.region.segment();
        }

        Optional<SignatureError> perform(SignatureAttributes attributes, DmaDirection direction) {
            Optional<PhysicalVector> memory =
                    attributes.memory().isPresent() ? Optional.of(tuples) : Optional.empty();
            try (ReadWriteContext io =
                    ReadWriteContext.withSignature(
                            queue,
                            data,
                            memory,
                            attributes,
                            pair.right.region.address(),
                            pair.right.region.remoteKey(),
                            direction)) {
                assertThat(io.decision().strategy()).isEqualTo(ReadWriteStrategy.SIGNATURE);
                io.post(1);
                pair.settle();
                assertThat(pair.left.pollSends()).hasSize(1).allMatch(WorkCompletion::isSuccess);
                return io.checkSignature();
            }
        }

        MemorySegment block(int index) {
            return data.segment().asSlice((long) index * BLOCK, BLOCK);
        }

        /// Fills the tuples in memory as they should be.
        void protectMemory() {
            for (int i = 0; i < BLOCKS; i++) {
                MemorySegment tuple = tuples.segment().asSlice((long) i * TUPLE, TUPLE);
                tuple.set(SHORT, 0, (short) checksum(block(i)));
                tuple.set(SHORT, 2, (short) 0xabcd);
                tuple.set(INT, 4, 5);
            }
        }

        void requireWire() {
            for (int i = 0; i < BLOCKS; i++) {
                MemorySegment block = wire().asSlice((long) i * WIRE_BLOCK, WIRE_BLOCK);
                assertThat(block.asSlice(0, BLOCK).mismatch(block(i))).isEqualTo(-1);
                assertThat(block.get(SHORT, BLOCK) & 0xffff).isEqualTo(crc(block(i)));
                assertThat(block.get(SHORT, BLOCK + 2) & 0xffff).isEqualTo(0x1234);
                assertThat(block.get(INT, BLOCK + 4)).isEqualTo(77 + i);
            }
        }

        @Override
        public void close() {
            queue.close();
            data.close();
            tuples.close();
            DmaStatistics done = pair.left.privileged().context().dma().statistics();
            assertThat(done.unmaps()).isEqualTo(done.maps());
        }
    }

    /// Bit by bit, as the standard writes it.
    private static int crc(MemorySegment block) {
        int crc = 0;
        for (long i = 0; i < block.byteSize(); i++) {
            crc ^= (block.get(ValueLayout.JAVA_BYTE, i) & 0xff) << 8;
            for (int bit = 0; bit < 8; bit++) {
                crc = (crc & 0x8000) == 0 ? crc << 1 : (crc << 1) ^ 0x18bb7;
            }
        }
        return crc & 0xffff;
    }

    private static int checksum(MemorySegment block) {
        int sum = 0;
        for (long i = 0; i < block.byteSize(); i += 2) {
            sum += block.get(SHORT, i) & 0xffff;
            sum = (sum & 0xffff) + (sum >>> 16);
        }
        return ~sum & 0xffff;
    }

    @ParameterizedTest
    @MethodSource("attachments")
    void shouldGenerateOnAWriteAndStripOnARead(DmaSettings dma) {
        try (Bench bench = new Bench(dma)) {
            assertThat(bench.perform(GENERATE, DmaDirection.TO_DEVICE)).isEmpty();
            bench.requireWire();
            bench.data.segment().fill((byte) 0);
            assertThat(bench.perform(GENERATE, DmaDirection.FROM_DEVICE)).isEmpty();
            bench.requireWire();
        }
    }

    @ParameterizedTest
    @MethodSource("attachments")
    void shouldStripOnAWriteAndGenerateOnARead(DmaSettings dma) {
        try (Bench bench = new Bench(dma)) {
            bench.protectMemory();
            assertThat(bench.perform(STRIP, DmaDirection.TO_DEVICE)).isEmpty();
            assertThat(
                            bench.wire()
                                    .asSlice(0, DATA)
                                    .mismatch(bench.data.segment().asSlice(0, DATA)))
                    .isEqualTo(-1);
            byte[] expected = bench.tuples.segment().toArray(ValueLayout.JAVA_BYTE);
            bench.tuples.segment().fill((byte) 0);
            assertThat(bench.perform(STRIP, DmaDirection.FROM_DEVICE)).isEmpty();
            assertThat(bench.tuples.segment().toArray(ValueLayout.JAVA_BYTE)).isEqualTo(expected);
        }
    }

    @Test
    void shouldCheckAndPassOnInTheFormOfTheOtherSide() {
        try (Bench bench = new Bench(DmaSettings.of(DmaAddressing.PHYSICAL))) {
            bench.protectMemory();
            byte[] expected = bench.tuples.segment().toArray(ValueLayout.JAVA_BYTE);
            assertThat(bench.perform(PASS, DmaDirection.TO_DEVICE)).isEmpty();
            bench.requireWire();
            bench.tuples.segment().fill((byte) 0);
            assertThat(bench.perform(PASS, DmaDirection.FROM_DEVICE)).isEmpty();
            assertThat(bench.tuples.segment().toArray(ValueLayout.JAVA_BYTE)).isEqualTo(expected);
        }
    }

    @Test
    void shouldReportTheFirstWrongTupleThatArrives() {
        try (Bench bench = new Bench(DmaSettings.of(DmaAddressing.PHYSICAL))) {
            bench.perform(GENERATE, DmaDirection.TO_DEVICE);
            bench.wire().set(INT, 9L * WIRE_BLOCK + BLOCK + 4, 4711);
            bench.wire().set(ValueLayout.JAVA_BYTE, 20L * WIRE_BLOCK, (byte) ~0);
            assertThat(bench.perform(GENERATE, DmaDirection.FROM_DEVICE))
                    .contains(
                            new SignatureError(
                                    SignatureError.Field.REFERENCE_TAG, 77 + 9, 4711, 9L * BLOCK));
        }
    }

    @Test
    void shouldReportDataThatIsNotWhatItsTupleInMemorySays() {
        try (Bench bench = new Bench(DmaSettings.of(DmaAddressing.PHYSICAL))) {
            bench.protectMemory();
            int before = checksum(bench.block(3));
            bench.data.segment().set(SHORT, 3L * BLOCK + 10, (short) 0x5555);
            assertThat(bench.perform(PASS, DmaDirection.TO_DEVICE))
                    .contains(
                            new SignatureError(
                                    SignatureError.Field.GUARD,
                                    checksum(bench.block(3)),
                                    before,
                                    3L * BLOCK));
        }
    }

    @Test
    void shouldRefuseLengthsThatDoNotFitAndUndoEverything() {
        try (Bench bench = new Bench(DmaSettings.of(DmaAddressing.PHYSICAL));
                PhysicalAllocation odd = bench.allocate(BLOCK + 1)) {
            assertThatThrownBy(
                            () ->
                                    ReadWriteContext.withSignature(
                                            bench.queue,
                                            odd,
                                            Optional.empty(),
                                            GENERATE,
                                            0,
                                            1,
                                            DmaDirection.TO_DEVICE))
                    .isInstanceOf(VerbsException.class)
                    .hasMessageContaining("513 bytes of data are no whole blocks of 512");
            assertThatThrownBy(
                            () ->
                                    ReadWriteContext.withSignature(
                                            bench.queue,
                                            bench.data,
                                            Optional.empty(),
                                            STRIP,
                                            0,
                                            1,
                                            DmaDirection.TO_DEVICE))
                    .isInstanceOf(VerbsException.class)
                    .hasMessageContaining("64 blocks in memory have 512 bytes of tuples, not 0");
            assertThat(bench.queue.signatureRegions().available()).isEqualTo(1);
        }
    }

    /// Before and after, the registration tells of another I/O or of none.
    @Test
    void shouldTellOfAnIoOnlyWhileItIsUnderWay() {
        try (Bench bench = new Bench(DmaSettings.of(DmaAddressing.PHYSICAL))) {
            ReadWriteContext io =
                    ReadWriteContext.withSignature(
                            bench.queue,
                            bench.data,
                            Optional.empty(),
                            GENERATE,
                            bench.pair.right.region.address(),
                            bench.pair.right.region.remoteKey(),
                            DmaDirection.TO_DEVICE);
            assertThatThrownBy(io::checkSignature)
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("not posted");
            io.post(1);
            bench.pair.settle();
            assertThat(bench.pair.left.pollSends()).hasSize(1);
            assertThat(io.checkSignature()).isEmpty();
            io.close();
            assertThatThrownBy(io::checkSignature)
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("closed");
        }
    }
}
