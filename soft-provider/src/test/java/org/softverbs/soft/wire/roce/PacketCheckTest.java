package org.softverbs.soft.wire.roce;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.junit.jupiter.api.Test;

class PacketCheckTest {

    private final PacketCheck check = new PacketCheck();

    /** R1 to R6, R9: each segment ends with the datagram, so that a read behind it throws. */
    @Test
    void shouldGiveAVerdictOnEveryOpcodeFlagAndLength() {
        for (int length = 0; length <= 56 + 8; length++) {
            try (Arena arena = Arena.ofConfined()) {
                MemorySegment segment = arena.allocate(Math.max(1, length)).asSlice(0, length);
                for (int opcode = 0; opcode < 256; opcode++) {
                    for (int flags = 0; flags < 256; flags++) {
                        checkOne(segment, length, opcode, flags);
                    }
                }
            }
        }
    }

    private void checkOne(MemorySegment segment, int length, int opcode, int flags) {
        if (length > 0) {
            segment.set(ValueLayout.JAVA_BYTE, 0, (byte) opcode);
        }
        if (length > 1) {
            segment.set(ValueLayout.JAVA_BYTE, 1, (byte) flags);
        }
        PacketFault fault = check.check(segment, 0, length);
        if (fault == PacketFault.NONE) {
            boolean sound =
                    check.opcode().wireValue() == opcode
                            && (flags & 0xf) == 0
                            && check.padLength() == (flags >> 4 & 3)
                            && check.payloadLength() >= 0
                            && (check.payloadLength() == 0 || check.opcode().hasPayload())
                            && check.coveredLength() + PacketCheck.ICRC_LENGTH == length;
            if (!sound) {
                throw new AssertionError(opcode + " " + flags + " " + length);
            }
        }
    }

    @Test
    void shouldNameTheFault() {
        assertThat(check("", 11)).isEqualTo(PacketFault.TOO_SHORT);
        assertThat(check("0c00", 31)).isEqualTo(PacketFault.TOO_SHORT);
        assertThat(check("0c00", 32)).isEqualTo(PacketFault.NONE);
        assertThat(check("0c00", 36)).isEqualTo(PacketFault.UNEXPECTED_PAYLOAD);
        assertThat(check("1500", 64)).isEqualTo(PacketFault.UNKNOWN_OPCODE);
        assertThat(check("4400", 64)).isEqualTo(PacketFault.UNKNOWN_OPCODE);
        assertThat(check("8100", 64)).isEqualTo(PacketFault.UNKNOWN_OPCODE);
        assertThat(check("0401", 64)).isEqualTo(PacketFault.BAD_TRANSPORT_VERSION);
        assertThat(check("0430", 18)).isEqualTo(PacketFault.PAD_LONGER_THAN_PAYLOAD);
        assertThat(check("0430", 20)).isEqualTo(PacketFault.NONE);
        assertThat(check.payloadLength()).isOne();
        assertThat(check("0400", 16 + 4096)).isEqualTo(PacketFault.NONE);
        assertThat(check("0400", 16 + 4097)).isEqualTo(PacketFault.TOO_LONG);
        assertThat(check("0400", 65507)).isEqualTo(PacketFault.TOO_LONG);
        assertThatThrownBy(check::opcode).isInstanceOf(IllegalStateException.class);
    }

    private PacketFault check(String start, int length) {
        byte[] bytes = new byte[length];
        for (int i = 0; i < start.length() / 2; i++) {
            bytes[i] = (byte) Integer.parseInt(start, 2 * i, 2 * i + 2, 16);
        }
        return check.check(MemorySegment.ofArray(bytes), 0, length);
    }
}
