package org.softverbs.soft.script;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// What is said when an engine does not do what a script says.
class RpktRunnerTest {

    private static String complaint(String... lines) {
        return Scripts.complaint("# A sentence.\n" + String.join("\n", lines) + "\n");
    }

    @Test
    void shouldShowThePacketThatCameAsTheScriptWouldHaveIt() {
        assertThat(
                        complaint(
                                "post write id=1 bytes=300 remote=exposed+16",
                                "> WRITE_FIRST psn=100 length=299"))
                .isEqualTo(
                        """
                        it.rpkt:3: expected
                            > WRITE_FIRST psn=100 length=299
                        but the engine sent
                            > WRITE_FIRST psn=100 payload=256 address=exposed+16 key=exposed length=300
                        length is 300, not 299\
                        """);
    }

    @Test
    void shouldNameEveryFieldThatDiffers() {
        assertThat(
                        complaint(
                                "post fetch-add id=1 add=5",
                                "> FETCH_ADD psn=101 add=6 key=local no-ack-request"))
                .endsWith(
                        "psn is 100, not 101; ack-request is set; key is exposed, not local;"
                                + " add is 5, not 6");
    }

    @Test
    void shouldTakeAnAcknowledgementForAnAckUnlessItSaysOtherwise() {
        assertThat(complaint("< WRITE_LAST psn=500 payload=8", "> ACKNOWLEDGE psn=500"))
                .contains("syndrome is NAK:invalid-request, not ACK");
    }

    @Test
    void shouldSayWhatIsThereWhenNoPacketIs() {
        assertThat(complaint("post send id=1 elements=local:8:0xbad", "> SEND_ONLY psn=100"))
                .isEqualTo(
                        """
                        it.rpkt:3: expected
                            > SEND_ONLY psn=100
                        but there is no packet; there is
                            = send id=1 LOC_PROT_ERR\
                        """);
    }

    @Test
    void shouldTellOfPacketsThatNobodyExpected() {
        assertThat(complaint("post send id=1 bytes=8", "< ACKNOWLEDGE psn=100"))
                .isEqualTo(
                        """
                        it.rpkt:3: this came besides, before '< ACKNOWLEDGE psn=100'
                            > SEND_ONLY psn=100 payload=8 ack-request\
                        """);
        assertThat(complaint("post send id=1 bytes=8", "nothing"))
                .startsWith("it.rpkt:3: this came besides, where it should do nothing");
        assertThat(complaint("post send id=1 bytes=8"))
                .startsWith("it.rpkt:2: this came besides, at the end");
    }

    @Test
    void shouldComparePayloadWithWhatWasPosted() {
        assertThat(
                        complaint(
                                "queue send id=1 bytes=8",
                                "set local content=8*0x41",
                                "room all",
                                "> SEND_ONLY psn=100 payload=8*0x42"))
                .endsWith("payload byte 0 is 0x41, not 0x42");
        assertThat(complaint("post send id=1 bytes=8", "> SEND_ONLY psn=100 payload=9"))
                .endsWith("payload has 8 bytes, not 9");
    }

    @Test
    void shouldTellOfMemoryThatChanged() {
        assertThat(complaint("< WRITE_ONLY psn=500 address=exposed+8 payload=8", "nothing"))
                .startsWith(
                        "it.rpkt:3: memory changed, and no 'memory' statement says so: byte"
                                + " exposed+8 is 0x");
        assertThat(
                        complaint(
                                "< WRITE_ONLY psn=500 payload=8*0x41",
                                "memory exposed content=8*0x42"))
                .isEqualTo(
                        """
                        it.rpkt:3: expected
                            memory exposed content=8*0x42
                        but memory has
                            0x4141414141414141
                        byte 0 is 0x41, not 0x42\
                        """);
    }

    @Test
    void shouldShowTheCompletionThatCame() {
        assertThat(
                        complaint(
                                "post receive id=7 bytes=8",
                                "< SEND_ONLY_WITH_IMMEDIATE psn=500 immediate=9 payload=4",
                                "= receive id=8 bytes=4"))
                .isEqualTo(
                        """
                        it.rpkt:4: expected
                            = receive id=8 bytes=4
                        but it is
                            = receive id=7 SUCCESS opcode=RECV bytes=4 immediate=0x00000009
                        id is 7, not 8\
                        """);
        assertThat(complaint("= send id=1"))
                .isEqualTo(
                        """
                        it.rpkt:2: expected
                            = send id=1
                        but there is no send completion\
                        """);
    }

    @ParameterizedTest
    @CsvSource({
        "state ERR, state RTS",
        "count TIMEOUTS 3, count TIMEOUTS 0",
        "next-psn send=7, next-psn send=100 receive=500",
        "sent 1, sent 0",
        "detached 1, detached 0"
    })
    void shouldSayWhatIsInstead(String line, String instead) {
        assertThat(complaint(line))
                .isEqualTo("it.rpkt:2: expected\n    " + line + "\nbut it is\n    " + instead);
    }

    @Test
    void shouldSayWhichEventCame() {
        assertThat(complaint("event QP_FATAL")).endsWith("but there is none");
        assertThat(complaint("modify SQD", "event QP_FATAL"))
                .endsWith("but the engine raised SQ_DRAINED");
    }

    @Test
    void shouldTellWhenATimerRuns() {
        assertThat(complaint("post send id=1 bytes=8", "sent 1", "no-timer"))
                .isEqualTo("it.rpkt:4: a timer runs, due at +67108864ns");
    }

    @Test
    void shouldNameTheRoundOfALoop() {
        assertThat(
                        complaint(
                                "repeat 5",
                                "  post send id=i bytes=8",
                                "  > SEND_ONLY psn=100+2*i",
                                "end"))
                .startsWith("it.rpkt:4: expected")
                .endsWith("psn is 101, not 102\n    in the round with i=1");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    < WRITE_ONLY psn=500 payload=8 key=exposd | nothing is named 'exposd'; did you mean 'exposed'?
                    < WRITE_FIRST psn=500 payload=256 | WRITE_FIRST needs length=
                    post send id=1 bytes=many | 'many' is no number
                    post send id=1 bytes=513 inline | at most 512 bytes may be inline
                    qp mtu=300 | mtu is 300, not 256, 512, 1024, 2048 or 4096
                    qp timeout=32 | timeout is 32, not 0 to 31
                    qp slots=20000 | slots is 20000, not 0 to 16384
                    memory 0x5 content=8*0x00 | no region has the 8 bytes at 0x5
                    memory exposed payload-of=500 | no packet with PSN 500 came in
                    memory exposed | it wants long= or content=
                    region Big key=1 | 'Big' is no name
                    region big length=8 | region needs key=
                    region big key=1 length=0 | a region has 1 to 16777216 bytes, not 0
                    region local key=1 | there is a 'local' already
                    window win key=exposed | another has the key 0x0b0b0b02
                    """)
    void shouldSayWhatAStatementLacks(String line, String message) {
        assertThat(complaint(line)).startsWith("it.rpkt:2: ").contains(message);
    }

    @Test
    void shouldBoundLoops() {
        assertThat(complaint("repeat 2^21", "nothing", "end")).contains("0 to 2^20 rounds");
        assertThat(complaint("repeat 2^20", "repeat 2^20", "nothing", "end", "end"))
                .contains("goes round more than 2^22 statements");
    }

    @Test
    void shouldBoundTime() {
        assertThat(complaint("+9000000000s*1000000000"))
                .isEqualTo(
                        "it.rpkt:2: the time is longer than 9223372036854775807 ns, the longest"
                                + " there is");
        assertThat(complaint("+9000000000s", "+9000000000s"))
                .startsWith("it.rpkt:3: the clock ends at 9223372036854775807 ns");
        assertThat(complaint("+1s-2s")).isEqualTo("it.rpkt:2: time does not run backwards");
    }

    @Test
    void shouldWantSettingsBeforeWhatHappens() {
        assertThat(complaint("nothing", "qp mtu=512"))
                .isEqualTo("it.rpkt:3: qp must stand before what happens, and once");
    }

    @Test
    void shouldGiveTheSameOutcomeEachTime() {
        RpktScript script =
                Scripts.parse("it", "# A.\npost send id=1 bytes=600\n> SEND_ONLY psn=100\n");
        assertThat(RpktRunner.run(script)).isEqualTo(RpktRunner.run(script));
    }
}
