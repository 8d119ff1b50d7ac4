package org.softverbs.sim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.softverbs.soft.wire.roce.AckSyndrome;
import org.softverbs.soft.wire.roce.RoceOpcode.Operation;

/// How retries are counted by what is seen on the wire: T2, T9.
class RetryModelTest {

    private static final int RETRIES = 2;
    private static final int RNR_RETRIES = 1;
    private static final int FIRST = 0xff_fffe;
    private static final int RNR_NAK = 0x21;
    private static final Place PLACE = Place.path(1, 2);

    private RetryModel model = new RetryModel(RetryLimits.of(RETRIES, RNR_RETRIES));

    /// Sends a packet of a SEND, the how-manieth it is.
    private void send(int index, boolean asks) {
        model.onSent((FIRST + index) & 0xff_ffff, 1, asks, false, PLACE);
    }

    private void sendAll(int from, int end) {
        for (int i = from; i < end; i++) {
            send(i, true);
        }
    }

    private void read(int index, int packets) {
        model.onSent((FIRST + index) & 0xff_ffff, packets, true, true, PLACE);
    }

    private void answer(Operation operation, int index, int syndrome) {
        model.onAnswer(operation, (FIRST + index) & 0xff_ffff, syndrome);
    }

    private void acknowledge(int index) {
        answer(Operation.ACKNOWLEDGE, index, AckSyndrome.ACK_UNLIMITED);
    }

    private void notReady(int index) {
        answer(Operation.ACKNOWLEDGE, index, RNR_NAK);
    }

    @Test
    void shouldWantAsManyRepeatsAsAreAskedForBeforeAnError() {
        sendAll(0, 3);
        sendAll(0, 3);
        assertThat(model.mayBeOutOfRetries()).isFalse();
        sendAll(0, 3);
        assertThat(model.mayBeOutOfRetries()).isTrue();
    }

    @Test
    void shouldFindOneRetryTooMany() {
        sendAll(0, 3);
        sendAll(0, 3);
        sendAll(0, 3);
        assertThatThrownBy(() -> send(0, true))
                .isInstanceOf(InvariantViolation.class)
                .hasMessageStartingWith("T2");
    }

    /// The first return after progress may have been decided before it.
    @Test
    void shouldCountAnewAfterProgress() {
        sendAll(0, 3);
        sendAll(0, 3);
        sendAll(0, 3);
        acknowledge(0);
        sendAll(1, 3);
        assertThat(model.mayBeOutOfRetries()).isFalse();
        assertThatCode(
                        () -> {
                            sendAll(1, 3);
                            sendAll(1, 3);
                        })
                .doesNotThrowAnyException();
        assertThatThrownBy(() -> send(1, true)).hasMessageStartingWith("T2");
    }

    @Test
    void shouldKeepTheCountWhenAnAnswerComesAfterTheEnd() {
        sendAll(0, 3);
        sendAll(0, 3);
        sendAll(0, 3);
        acknowledge(1);
        assertThat(model.mayBeOutOfRetries()).isTrue();
    }

    @Test
    void shouldNotTakeTheAcknowledgementOfALaterRequestForTheAnswerToARead() {
        read(0, 2);
        send(2, true);
        answer(Operation.READ_RESPONSE, 0, 0);
        acknowledge(2);
        read(1, 1);
        read(1, 1);
        assertThat(model.mayBeOutOfRetries()).isTrue();
        answer(Operation.READ_RESPONSE, 1, 0);
        send(2, true);
        assertThat(model.mayBeOutOfRetries()).isFalse();
    }

    @Test
    void shouldTakeNothingForProgressThatWasNeverSent() {
        sendAll(0, 2);
        acknowledge(4000);
        acknowledge(-1);
        sendAll(0, 2);
        sendAll(0, 2);
        assertThat(model.mayBeOutOfRetries()).isTrue();
    }

    @Test
    void shouldNotCountAProbe() {
        model = new RetryModel(RetryLimits.of(RETRIES, RNR_RETRIES).lossless());
        send(0, false);
        assertThatCode(() -> send(0, true)).doesNotThrowAnyException();
        assertThatThrownBy(() -> send(0, true)).hasMessageStartingWith("T2");
    }

    @Test
    void shouldFindARepeatWhereNothingIsLost() {
        model = new RetryModel(RetryLimits.of(RETRIES, RNR_RETRIES).lossless());
        sendAll(0, 2);
        notReady(0);
        sendAll(0, 2);
        assertThatThrownBy(() -> send(0, true)).hasMessageStartingWith("T2");
    }

    @Test
    void shouldWantAsManyRnrNaksAsAreAskedForBeforeAnError() {
        sendAll(0, 2);
        notReady(0);
        sendAll(0, 2);
        assertThat(model.mayBeOutOfRnrRetries()).isFalse();
        notReady(0);
        assertThat(model.mayBeOutOfRnrRetries()).isTrue();
    }

    @Test
    void shouldCountRnrNaksOfEachPacketByThemselves() {
        sendAll(0, 2);
        notReady(0);
        sendAll(0, 2);
        notReady(1);
        assertThat(model.mayBeOutOfRnrRetries()).isFalse();
    }

    @Test
    void shouldKeepTheCountOfRnrNaksWhenAnotherComesAfterTheEnd() {
        sendAll(0, 2);
        notReady(0);
        sendAll(0, 2);
        notReady(0);
        notReady(1);
        assertThat(model.mayBeOutOfRnrRetries()).isTrue();
    }

    @Test
    void shouldFindOneRnrRetryTooMany() {
        sendAll(0, 2);
        notReady(0);
        sendAll(0, 2);
        notReady(0);
        assertThatThrownBy(() -> send(0, true))
                .isInstanceOf(InvariantViolation.class)
                .hasMessageStartingWith("T9");
    }

    @Test
    void shouldNeverBeOutOfRnrRetriesThatHaveNoEnd() {
        model = new RetryModel(RetryLimits.of(RETRIES, RetryLimits.FOR_EVER));
        send(0, true);
        for (int i = 0; i < 20; i++) {
            notReady(0);
            send(0, true);
        }
        assertThat(model.mayBeOutOfRnrRetries()).isFalse();
        assertThat(model.mayBeOutOfRetries()).isTrue();
    }
}
