package org.softverbs.soft.wire.pcap;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PcapReaderTest {

    private static final byte[] FRAME = {0x45, 1, 2, 3, 4};

    @ParameterizedTest
    @CsvSource({
        "a1b2c3d4, BIG, 1000", "a1b2c3d4, LITTLE, 1000",
        "a1b23c4d, BIG, 1", "a1b23c4d, LITTLE, 1",
    })
    void shouldReadPcapInEveryByteOrderAndResolution(String magic, String order, int nanos)
            throws IOException {
        ByteBuffer file = pcap(Integer.parseUnsignedInt(magic, 16), order(order), FRAME.length);
        List<PcapRecord> records = read(file);
        assertThat(records).hasSize(1);
        PcapRecord record = records.getFirst();
        assertThat(record.timestampNanos())
                .isEqualTo(1_700_000_000_000_000_000L + 123_456L * nanos);
        assertThat(record.linkType()).isEqualTo(LinkType.RAW_IP);
        assertThat(record.originalLength()).isEqualTo(99);
        assertThat(record.frame().toArray(ValueLayout.JAVA_BYTE)).isEqualTo(FRAME);
    }

    @ParameterizedTest
    @ValueSource(strings = {"BIG", "LITTLE"})
    void shouldReadPcapngAndPassOverWhatItDoesNotKnow(String order) throws IOException {
        ByteBuffer file = ByteBuffer.allocate(1000).order(order(order));
        section(file);
        interfaceBlock(file, 101, 9);
        block(file, 0x0bad, new byte[12]);
        interfaceBlock(file, 1, 0);
        enhanced(file, 0, 1_700_000_000_123_456_789L, FRAME.length, FRAME.length);
        enhanced(file, 1, 1_700_000_000_123_456L, FRAME.length, FRAME.length);
        simple(file);
        List<PcapRecord> records = read(file.flip());
        assertThat(records).hasSize(3);
        assertThat(records.get(0).timestampNanos()).isEqualTo(1_700_000_000_123_456_789L);
        assertThat(records.get(0).linkType()).isEqualTo(LinkType.RAW_IP);
        assertThat(records.get(1).timestampNanos()).isEqualTo(1_700_000_000_123_456_000L);
        assertThat(records.get(1).linkType()).isEqualTo(LinkType.ETHERNET);
        assertThat(records.get(2).frame().toArray(ValueLayout.JAVA_BYTE)).isEqualTo(FRAME);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    ''                       | at file offset 0: the file is empty
                    00                       | at file offset 0: the file ends inside the magic number: 1 of 4 bytes
                    68656c6c6f               | at file offset 0: neither pcap nor pcapng (starts with 68656c6c)
                    a1b2c3d40002             | at file offset 4: the file ends inside the pcap file header: 2 of 20 bytes
                    0a0d0d0a00000000         | at file offset 4: the file ends inside the section header: 4 of 8 bytes
                    0a0d0d0a0000001c00000000 | at file offset 0: a section without byte order
                    """)
    void shouldSayWhatIsWrongAtTheStart(String hex, String message) {
        byte[] bytes = HexFormat.of().parseHex(hex);
        assertThatThrownBy(() -> read(ByteBuffer.wrap(bytes)))
                .isInstanceOf(PcapFormatException.class)
                .hasMessage(message);
    }

    @Test
    void shouldNotBelieveALengthThatCannotBe() {
        ByteBuffer huge = pcap(0xa1b2c3d4, ByteOrder.BIG_ENDIAN, 0x7fff_ffff);
        assertThatThrownBy(() -> read(huge))
                .hasMessage("at file offset 24: a frame of 2147483647 bytes, at most 262144");
        ByteBuffer cut = pcap(0xa1b2c3d4, ByteOrder.BIG_ENDIAN, FRAME.length + 1);
        assertThatThrownBy(() -> read(cut))
                .hasMessage("at file offset 40: the file ends inside a frame: 5 of 6 bytes");
        ByteBuffer block = ByteBuffer.allocate(100);
        section(block);
        block.putInt(6).putInt(13);
        assertThatThrownBy(() -> read(block.flip()))
                .hasMessage("at file offset 28: a block of 13 bytes");
        ByteBuffer stranger = ByteBuffer.allocate(100);
        section(stranger);
        enhanced(stranger, 7, 0, FRAME.length, FRAME.length);
        assertThatThrownBy(() -> read(stranger.flip()))
                .hasMessage("at file offset 28: a packet of unknown interface 7");
        ByteBuffer longer = ByteBuffer.allocate(200);
        section(longer);
        interfaceBlock(longer, 1, 0);
        enhanced(longer, 0, 0, FRAME.length + 8, FRAME.length);
        assertThatThrownBy(() -> read(longer.flip()))
                .hasMessageEndingWith("a block too short for its content");
    }

    /** Whatever the bytes are: frames, or a {@link PcapFormatException}. */
    @Test
    void shouldSurviveDamage() throws IOException {
        for (int seed = 0; seed < 3000; seed++) {
            SplittableRandom random = new SplittableRandom(seed);
            ByteBuffer file = ByteBuffer.allocate(1000).order(ByteOrder.LITTLE_ENDIAN);
            section(file);
            interfaceBlock(file, 101, 9);
            enhanced(file, 0, 5, FRAME.length, FRAME.length);
            simple(file);
            byte[] bytes = new byte[file.position()];
            file.get(0, bytes);
            for (int i = random.nextInt(4); i >= 0; i--) {
                bytes[random.nextInt(bytes.length)] = (byte) random.nextInt();
            }
            try {
                read(ByteBuffer.wrap(bytes));
            } catch (PcapFormatException e) {
                assertThat(e.getMessage()).as("seed %s", seed).startsWith("at file offset ");
            }
        }
    }

    private static List<PcapRecord> read(ByteBuffer file) throws IOException {
        byte[] bytes = new byte[file.remaining()];
        file.get(bytes);
        InputStream stream = new ByteArrayInputStream(bytes);
        List<PcapRecord> records = new ArrayList<>();
        try (PcapReader reader = PcapReader.read(stream)) {
            for (PcapRecord next = reader.next(); next != null; next = reader.next()) {
                records.add(Objects.requireNonNull(next));
            }
        }
        return records;
    }

    private static ByteBuffer pcap(int magic, ByteOrder order, int claimed) {
        ByteBuffer file = ByteBuffer.allocate(1000).order(order);
        file.putInt(magic).putShort((short) 2).putShort((short) 4).putInt(0).putInt(0);
        file.putInt(65535).putInt(101);
        file.putInt(1_700_000_000).putInt(123_456).putInt(claimed).putInt(99).put(FRAME);
        return file.flip();
    }

    private static void section(ByteBuffer file) {
        file.putInt(0x0a0d0d0a).putInt(28).putInt(0x1a2b3c4d).putInt(0x0001_0000).putLong(-1);
        file.putInt(28);
    }

    private static void interfaceBlock(ByteBuffer file, int linkType, int resolution) {
        ByteBuffer body = ByteBuffer.allocate(20).order(file.order());
        body.putShort((short) linkType).putShort((short) 0).putInt(0);
        if (resolution != 0) {
            body.putShort((short) 9).putShort((short) 1).put((byte) resolution).put(new byte[3]);
        }
        body.putInt(0);
        byte[] bytes = new byte[body.position()];
        body.get(0, bytes);
        block(file, 1, bytes);
    }

    private static void enhanced(ByteBuffer file, int on, long units, int kept, int original) {
        ByteBuffer body = ByteBuffer.allocate(28).order(file.order());
        body.putInt(on).putInt((int) (units >>> 32)).putInt((int) units);
        body.putInt(kept).putInt(original).put(FRAME);
        block(file, 6, body.array());
    }

    private static void simple(ByteBuffer file) {
        ByteBuffer body = ByteBuffer.allocate(12).order(file.order());
        block(file, 3, body.putInt(FRAME.length).put(FRAME).array());
    }

    private static void block(ByteBuffer file, int type, byte[] body) {
        file.putInt(type).putInt(body.length + 12).put(body).putInt(body.length + 12);
    }

    private static ByteOrder order(String name) {
        return name.equals("BIG") ? ByteOrder.BIG_ENDIAN : ByteOrder.LITTLE_ENDIAN;
    }
}
