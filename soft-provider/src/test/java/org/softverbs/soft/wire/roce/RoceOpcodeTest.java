package org.softverbs.soft.wire.roce;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class RoceOpcodeTest {

    @Test
    void shouldFindEveryOpcodeByItsWireValue() {
        for (RoceOpcode opcode : RoceOpcode.values()) {
            assertThat(RoceOpcode.of(opcode.wireValue())).isSameAs(opcode);
        }
        long known = IntStream.range(0, 256).filter(v -> RoceOpcode.of(v) != null).count();
        assertThat(known).isEqualTo(RoceOpcode.values().length).isEqualTo(64);
        assertThat(RoceOpcode.of(0x15)).isNull();
        assertThat(RoceOpcode.of(0x81)).isNull();
    }

    @Test
    void shouldHaveFlagsThatItsNameTells() {
        for (RoceOpcode opcode : RoceOpcode.values()) {
            String name = opcode.name();
            assertThat(opcode.hasImmediate()).as(name).isEqualTo(name.endsWith("_IMMEDIATE"));
            assertThat(opcode.hasInvalidate()).as(name).isEqualTo(name.endsWith("_INVALIDATE"));
            assertThat(opcode.isFirst()).as(name).isEqualTo(name.contains("_FIRST"));
            assertThat(opcode.isMiddle()).as(name).isEqualTo(name.contains("_MIDDLE"));
            assertThat(opcode.isLast()).as(name).isEqualTo(name.contains("_LAST"));
            assertThat(opcode.service().name().toLowerCase(Locale.ROOT))
                    .isEqualTo(name.substring(0, name.indexOf('_')).toLowerCase(Locale.ROOT));
            assertThat(opcode.isResponse())
                    .as(name)
                    .isEqualTo(name.contains("RESPONSE") || name.contains("ACKNOWLEDGE"));
            assertThat(opcode.hasPayload())
                    .as(name)
                    .isEqualTo(
                            name.contains("SEND")
                                    || name.contains("WRITE")
                                    || name.contains("RESPONSE"));
            assertThat(opcode.isRequest()).isNotEqualTo(opcode.isResponse());
            assertThat(opcode.startsMessage()).isEqualTo(opcode.isFirst() || opcode.isOnly());
            assertThat(opcode.endsMessage()).isEqualTo(opcode.isLast() || opcode.isOnly());
        }
    }

    @Test
    void shouldPlaceHeadersAsTheSpecificationDoes() {
        assertThat(RoceOpcode.RC_WRITE_ONLY_WITH_IMMEDIATE.extensions())
                .isEqualTo(List.of(ExtensionHeader.RETH, ExtensionHeader.IMM_DT));
        assertThat(RoceOpcode.RC_WRITE_ONLY_WITH_IMMEDIATE.offsetOf(ExtensionHeader.IMM_DT))
                .isEqualTo(28);
        assertThat(RoceOpcode.RC_ATOMIC_ACKNOWLEDGE.headerLength()).isEqualTo(24);
        assertThat(RoceOpcode.RC_COMPARE_SWAP.headerLength()).isEqualTo(40);
        assertThat(RoceOpcode.RC_READ_RESPONSE_MIDDLE.headerLength()).isEqualTo(12);
        assertThat(RoceOpcode.RC_READ_RESPONSE_MIDDLE.offsetOf(ExtensionHeader.AETH)).isEqualTo(-1);
        assertThat(RoceOpcode.XRC_WRITE_ONLY_WITH_IMMEDIATE.extensions())
                .isEqualTo(
                        List.of(
                                ExtensionHeader.XRC_ETH,
                                ExtensionHeader.RETH,
                                ExtensionHeader.IMM_DT));
        assertThat(RoceOpcode.XRC_SEND_ONLY.wireValue()).isEqualTo(0xa4);
        assertThat(RoceOpcode.XRC_READ_RESPONSE_ONLY.headerLength()).isEqualTo(16);
        assertThat(RoceOpcode.RC_FETCH_ADD.in(RoceOpcode.Service.XRC))
                .isEqualTo(RoceOpcode.XRC_FETCH_ADD);
        assertThat(RoceOpcode.UD_SEND_ONLY_WITH_IMMEDIATE.headerLength()).isEqualTo(24);
    }
}
