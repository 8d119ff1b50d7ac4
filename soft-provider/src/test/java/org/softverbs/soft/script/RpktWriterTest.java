package org.softverbs.soft.script;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/// Scripts that are written from what happened.
class RpktWriterTest {

    private static final String SCRIPT =
            """
            # A loss in the midst of a message.
            qp mtu=512
            post write id=1 bytes=1030
            sent 3
            +20ms
            < ACKNOWLEDGE psn=101 syndrome=NAK:sequence
            > WRITE_MIDDLE psn=101
            > WRITE_LAST psn=102
            < ACKNOWLEDGE psn=102
            = send id=1
            """;

    private static String written(String script) {
        RpktWriter writer = new RpktWriter("Written anew.");
        assertThat(RpktRunner.run(Scripts.parse("it.rpkt", script), writer))
                .isEqualTo(new RpktOutcome.Passed());
        return writer.text();
    }

    @Test
    void shouldWriteWhatHappenedInOrder() {
        assertThat(written(SCRIPT))
                .isEqualTo(
                        """
                        # Written anew.

                        qp mtu=512 by-hand
                        post write id=1 elements=0x100000:1030:0x0a0a0a01 \
                        remote=0x800000000000 remote-key=0x0b0b0b02
                        turn
                        > WRITE_FIRST psn=100 payload=512 address=0x800000000000 \
                        key=0x0b0b0b02 length=1030
                        > WRITE_MIDDLE psn=101 payload=512
                        > WRITE_LAST psn=102 payload=6 ack-request
                        +20ms
                        < ACKNOWLEDGE psn=101 syndrome=NAK:sequence msn=0
                        turn
                        > WRITE_MIDDLE psn=101 payload=512
                        > WRITE_LAST psn=102 payload=6 ack-request
                        < ACKNOWLEDGE psn=102 syndrome=ACK msn=0
                        = send id=1 SUCCESS opcode=RDMA_WRITE bytes=1030
                        turn
                        memory any
                        """);
    }

    /// Each line of a written script counts: without it the script fails.
    @Test
    void shouldWriteNothingThatMayBeLeftOut() {
        List<String> lines = written(SCRIPT).lines().toList();
        int meaningful = 0;
        for (int i = 3; i < lines.size() - 2; i++) {
            if (lines.get(i).startsWith("+")) {
                continue; // the clock matters where a timer is due
            }
            List<String> fewer = new ArrayList<>(lines);
            fewer.remove(i);
            assertThat(Scripts.complaint(String.join("\n", fewer)))
                    .as("without '%s'", lines.get(i))
                    .isNotEmpty();
            meaningful++;
        }
        assertThat(meaningful).isEqualTo(11);
    }

    @Test
    void shouldWriteTimersWhereTheyActed() {
        assertThat(
                        written(
                                """
                                # A timeout.
                                post send id=1 bytes=8
                                > SEND_ONLY psn=100
                                +100ms
                                > SEND_ONLY psn=100
                                """))
                .contains("+67108864ns\ntimer\nturn\n> SEND_ONLY psn=100");
    }

    @Test
    void shouldWriteTheRoundOfALoop() {
        assertThat(
                        written(
                                """
                                # Memory that is set in a loop.
                                repeat 2
                                  set exposed+8*i long=i
                                end
                                """))
                .contains("set exposed+8*0 long=0\nset exposed+8*1 long=1\n");
    }

    /// A clock that begins at zero is one as any other.
    @Test
    void shouldCountTimeFromTheFirstEvent() {
        RpktWriter writer = new RpktWriter("Time.");
        writer.statement(0, "qp by-hand");
        writer.turn(0);
        writer.turn(5);
        assertThat(writer.text())
                .isEqualTo("# Time.\n\nqp by-hand\nturn\n+5ns\nturn\nmemory any\n");
    }
}
