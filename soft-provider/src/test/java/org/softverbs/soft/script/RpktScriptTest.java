package org.softverbs.soft.script;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// What a script may look like, and what is said of one that does not.
class RpktScriptTest {

    @Test
    void shouldTakeSentenceAndRowsFromTheComments() {
        RpktScript script =
                Scripts.parse("it", "# What it says.\n# R31, R7\n# R2 is near.\nnothing # R9\n");
        assertThat(script.sentence()).isEqualTo("What it says.");
        assertThat(script.rows()).containsExactly("R7", "R31");
        assertThat(script.name()).isEqualTo("it");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '"',
            textBlock =
                    """
                    > SEND_ONLY pns=1 | '>' has no field 'pns'; did you mean 'psn'?
                    > SEND_ONLI psn=1 | no opcode 'SEND_ONLI' of RC or XRC; did you mean 'SEND_ONLY'?
                    > UD_SEND_ONLY psn=1 | no opcode 'UD_SEND_ONLY' of RC or XRC
                    > SEND_ONLY | '>' needs psn=
                    > SEND_ONLY psn=1 psn=2 | psn is named twice
                    > SEND_ONLY psn=x! | psn: 'x!' is no number; it must be a number
                    > SEND_ONLY psn | psn wants a value: a number
                    > SEND_ONLY psn=1 msn=1 | SEND_ONLY has no msn
                    > READ_REQUEST psn=1 payload=8 | READ_REQUEST has no payload
                    > SEND_ONLY psn=1 pad=1 | pad is for packets that come in
                    > SEND_ONLY psn=1 solicited=1 | solicited: a flag has no value
                    > ACKNOWLEDGE psn=1 syndrome=NACK | it must be ACK, ACK:CREDITS, RNR:TIMER
                    < raw | raw wants bytes, as in: < raw 0x04000000
                    < raw 0x040 | '0x040' are no bytes: two digits make one
                    < SEND_ONLY psn=1 urgent | 'urgent' is no flag of a packet
                    psot send id=1 | no statement 'psot'; did you mean 'post'?
                    post sent id=1 | no operation 'sent'; did you mean 'send'?
                    post send | 'post' needs id=
                    post send id=1 unsignalled | 'unsignalled' is too much; did you mean 'unsignaled'?
                    post send id=1 elements=local | 'local' is no element; it must be ADDRESS:LENGTH
                    qp acess=read | 'qp' has no field 'acess'; did you mean 'access'?
                    qp access=execute | 'execute' is no right; it must be all, none, or some of
                    qp state=UP | no state 'UP'; there is RESET, INIT, RTR, RTS, SQD, SQE, ERR
                    = completion id=1 | '=' wants send or receive, not 'completion'
                    = send id=1 SUCCES | no status 'SUCCES'; did you mean 'SUCCESS'?
                    event QP_FATL | no event 'QP_FATL'; did you mean 'QP_FATAL'?
                    state RST | no state 'RST'; did you mean 'RESET'?
                    count TIMEOUT 1 | no counter 'TIMEOUT'; did you mean 'TIMEOUTS'?
                    count TIMEOUTS | the form is: count COUNTER N
                    refused SHORT | no fault 'SHORT'
                    +20 | '20' is no time; it must be as 20ms
                    +1.5ns | '1.5ns' is no whole number of nanoseconds
                    region | the form is: region NAME [address=...]
                    end | end without repeat
                    +timeout*99999999999999999999 | longer than 9223372036854775807 ns
                    +rnr:99999999999 | its codes are 0 to 31
                    +rnr:32 | 'rnr:32' is no RNR timer: its codes are 0 to 31
                    +9300000000s | '9300000000s' is longer than 9223372036854775807 ns
                    post send id=1 bytes=2^64 | '2^64' is not within 0 and 2^64-1
                    post send id=1 bytes=2^2147483646 | '2^2147483646' is not within
                    post send id=1 bytes=18446744073709551616 | is not within 0 and 2^64-1
                    post send id=1 bytes=4*2^63 | '4*2^63' is not within 0 and 2^64-1
                    > ACKNOWLEDGE psn=1 syndrome=RNR:99 | '99' is not within 0 and 31
                    > ACKNOWLEDGE psn=1 syndrome=ACK:32 | '32' is not within 0 and 31
                    """)
    void shouldSayInOneSentenceWhatIsWrong(String line, String message) {
        assertThatThrownBy(() -> RpktScript.parse("it.rpkt", "# A sentence.\n\n" + line))
                .isInstanceOf(RpktException.class)
                .hasMessageStartingWith("it.rpkt:3: ")
                .hasMessageContaining(message);
    }

    @Test
    void shouldWantASentenceFirst() {
        assertThatThrownBy(() -> RpktScript.parse("it.rpkt", "nothing\n"))
                .hasMessage("it.rpkt:1: the first line must be a comment that says the behaviour");
        assertThatThrownBy(() -> RpktScript.parse("it.rpkt", "#\nnothing\n"))
                .hasMessageContaining("must be a comment");
        assertThatThrownBy(() -> RpktScript.parse("it.rpkt", ""))
                .hasMessage("it.rpkt:1: the script is empty");
    }

    @Test
    void shouldWantAnEndForEachLoop() {
        assertThatThrownBy(() -> RpktScript.parse("it.rpkt", "# A.\nrepeat 2\nnothing\n"))
                .hasMessage("it.rpkt:2: repeat without end");
    }

    @Test
    void shouldBoundHowDeepLoopsAreNested() {
        String loops = "# A.\n" + "repeat 1\n".repeat(20_000) + "end\n".repeat(20_000);
        assertThatThrownBy(() -> RpktScript.parse("it.rpkt", loops))
                .hasMessage("it.rpkt:18: repeat is nested more than 16 deep");
    }

    @ParameterizedTest
    @CsvSource({
        "7, 7",
        "0x10, 16",
        "1_000, 1000",
        "2^31+1, 2147483649",
        "1+2-3*4, -9",
        "i*8+1, 41",
        "8*i-i, 35",
        "0xffffffffffffffff, -1",
        "-2^63, -9223372036854775808",
        "2*2^62, -9223372036854775808",
        "0^9+1^2147483647, 1"
    })
    void shouldAddSubtractAndMultiply(String text, long value) {
        assertThat(Expression.parse(text).value(name -> 5)).isEqualTo(value);
    }

    @ParameterizedTest
    @CsvSource({
        "20ms, 20000000",
        "0.64ms, 640000",
        "timeout*2-1ns, 1999",
        "rnr:1, 10000",
        "1s+1us, 1000001000"
    })
    void shouldAddTimes(String text, long nanos) {
        assertThat(Duration.parse(text).nanos(1000)).isEqualTo(nanos);
    }

    @ParameterizedTest
    @CsvSource({"1000000000, +1s", "20000000, +20ms", "10000, +10us", "1, +1ns", "1500, +1500ns"})
    void shouldWriteTimesAsItReadsThem(long nanos, String text) {
        assertThat(Duration.text(nanos)).isEqualTo(text);
        assertThat(Duration.parse(text.substring(1)).nanos(0)).isEqualTo(nanos);
    }

    @Test
    void shouldReadEverySyndromeThatItWrites() {
        for (int syndrome = 0; syndrome < 256; syndrome++) {
            assertThat(Value.parse(Value.Type.SYNDROME, Value.syndrome(syndrome)))
                    .isEqualTo(new Value.Amount(Expression.of(syndrome)));
        }
    }
}
