package org.softverbs.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.softverbs.conformance.Requests.SIGNALED;
import static org.softverbs.conformance.Requests.SOLICITED;
import static org.softverbs.verbs.WorkCompletionStatus.SUCCESS;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.softverbs.verbs.CompletionChannel;
import org.softverbs.verbs.CompletionQueue;
import org.softverbs.verbs.Errno;
import org.softverbs.verbs.MemoryWindowBinding;
import org.softverbs.verbs.MemoryWindowType;

/// Rows RUT-CCH, RUT-CQ, RUT-CQX, PYV-CQEVENTS and RUT-TRF about completion channels.
@Conformance
class ChannelTest {

    private static final int ENTRIES = 64;

    /// A connection whose right end has a channel for its receives and its sends.
    private record Case(Pair pair, CompletionChannel channel, Buffer own, Buffer to) {

        static Case of(Rig rig) {
            CompletionChannel channel = rig.right().channel();
            End right =
                    rig.right()
                            .end(
                                    Setup.standard(),
                                    rig.right().domain(),
                                    rig.right().queue(ENTRIES, channel),
                                    rig.right().queue(ENTRIES, channel));
            Pair pair = new Pair(rig.left().end(Setup.standard()), right);
            pair.connect();
            return new Case(pair, channel, rig.left().buffer(8), rig.right().buffer(8));
        }

        CompletionQueue receives() {
            return pair.right().receives();
        }

        void send(Requests kind) {
            pair.right().receive(1, to.all());
            assertThat(pair.left().run(kind.send(1, own.all()))).isEqualTo(SUCCESS);
        }

        void expectEvent(CompletionQueue queue) {
            assertThat(event(channel)).containsSame(queue);
            queue.acknowledgeEvents(1);
        }

        void expectNoEvent() {
            pair.left().node().rig().rest();
            assertThat(event(channel)).isEmpty();
        }
    }

    private static Optional<CompletionQueue> event(CompletionChannel channel) {
        try {
            return channel.awaitEvent(Duration.ZERO);
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    @Tag("RUT-CCH-001")
    void shouldCarryItsContext(Rig rig) {
        CompletionChannel channel = rig.left().context().createCompletionChannel();
        assertThat(channel.context()).isSameAs(rig.left().context());
        channel.close();
    }

    @Test
    @Tag("RUT-CCH-002")
    void shouldStayOpenForItsQueues(Rig rig) {
        CompletionChannel channel = rig.left().channel();
        CompletionQueue queue = rig.left().queue(ENTRIES, channel);
        Expect.refused(Errno.EBUSY, channel::close);
        queue.close();
        channel.close();
    }

    @Test
    @Tag("RUT-CQ-006")
    @Tag("RUT-CQX-005")
    void shouldServeAQueue(Rig rig) {
        CompletionChannel channel = rig.left().channel();
        CompletionQueue queue = rig.left().queue(ENTRIES, channel);
        assertThat(queue.context()).isSameAs(rig.left().context());
        assertThat(queue.entries()).isGreaterThanOrEqualTo(ENTRIES);
        queue.requestNotification(false);
        assertThat(queue.cursor().next()).isFalse();
        Expect.refused(Errno.EINVAL, () -> rig.left().queue(ENTRIES).requestNotification(false));
    }

    @Test
    @Tag("RUT-CQX-006")
    void shouldServeTwoQueues(Rig rig) {
        Case test = Case.of(rig);
        test.receives().requestNotification(false);
        test.pair().right().sends().requestNotification(false);
        test.send(SIGNALED);
        test.expectEvent(test.receives());
        Buffer back = rig.left().buffer(8);
        assertThat(test.pair().right().run(SIGNALED.write(1, test.to().all(), back)))
                .isEqualTo(SUCCESS);
        test.expectEvent(test.pair().right().sends());
        test.expectNoEvent();
    }

    @ParameterizedTest
    @EnumSource
    @Tag("RUT-CCH-006")
    void shouldTellOfABind(MemoryWindowType type, Rig rig) {
        Case test = Case.of(rig);
        CompletionQueue sends = test.pair().right().sends();
        sends.requestNotification(false);
        MemoryWindowBinding binding = MemoryWindowBinding.of(test.to().region(), Set.of());
        assertThat(test.pair().right().bind(rig.right().window(type), binding)).isEqualTo(SUCCESS);
        test.expectEvent(sends);
        test.expectNoEvent();
    }

    @Test
    @Tag("RUT-CCH-008")
    void shouldTellOfASolicitedReceiveWhenArmedForAny(Rig rig) {
        Case test = Case.of(rig);
        test.receives().requestNotification(false);
        test.send(SOLICITED);
        test.expectEvent(test.receives());
    }

    @Test
    @Tag("RUT-CCH-009")
    void shouldTellOfASolicitedReceiveWhenArmedForSolicited(Rig rig) {
        Case test = Case.of(rig);
        test.receives().requestNotification(true);
        test.send(SIGNALED);
        test.expectNoEvent();
        test.send(SOLICITED);
        test.expectEvent(test.receives());
    }

    @Test
    @Tag("RUT-CCH-010")
    void shouldTellOfAnUnsolicitedReceiveWhenArmedForAny(Rig rig) {
        Case test = Case.of(rig);
        test.receives().requestNotification(false);
        test.send(SIGNALED);
        test.expectEvent(test.receives());
    }

    @Test
    @Tag("RUT-CCH-012")
    void shouldKeepAQueueOpenWhoseEventIsNotAcknowledged(Rig rig) {
        Case test = Case.of(rig);
        test.receives().requestNotification(false);
        test.send(SIGNALED);
        assertThat(event(test.channel())).containsSame(test.receives());
        test.pair().right().queuePair().close();
        Expect.refused(Errno.EBUSY, () -> test.receives().close());
        test.receives().acknowledgeEvents(1);
        test.receives().close();
    }

    @Test
    @Tag("RUT-CCH-014")
    void shouldTellOfEachOfManyQueues(Rig rig) {
        CompletionChannel channel = rig.right().channel();
        Buffer own = rig.left().buffer(8);
        List<CompletionQueue> queues = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            CompletionQueue queue = rig.right().queue(ENTRIES, channel);
            queue.requestNotification(false);
            End right = rig.right().end(Setup.standard(), rig.right().domain(), queue, queue);
            Pair pair = new Pair(rig.left().end(Setup.standard()), right);
            pair.connect();
            right.receive(1, rig.right().buffer(8).all());
            pair.left().post(SIGNALED.send(1, own.all()));
            queues.add(queue);
        }
        rig.rest();
        Set<CompletionQueue> told = new HashSet<>();
        for (int i = 0; i < queues.size(); i++) {
            CompletionQueue queue = event(channel).orElseThrow();
            queue.acknowledgeEvents(1);
            told.add(queue);
        }
        assertThat(told).containsExactlyInAnyOrderElementsOf(queues);
        assertThat(event(channel)).isEmpty();
    }

    @Test
    @Tag("RUT-CCH-015")
    void shouldTellOnceOfManyCompletions(Rig rig) {
        Case test = Case.of(rig);
        test.receives().requestNotification(false);
        for (int i = 0; i < 20; i++) {
            test.send(SIGNALED);
        }
        test.expectEvent(test.receives());
        test.expectNoEvent();
        assertThat(test.pair().right().received()).hasSize(20);
    }

    @Test
    @Tag("RUT-CCH-017")
    void shouldTellOfAnyWhenArmedForSolicitedAndThenForAny(Rig rig) {
        Case test = Case.of(rig);
        test.receives().requestNotification(true);
        test.receives().requestNotification(false);
        test.send(SIGNALED);
        test.expectEvent(test.receives());
        test.expectNoEvent();
    }

    @Test
    @Tag("RUT-CCH-018")
    void shouldTellNothingThatWasNotAskedFor(Rig rig) {
        Case test = Case.of(rig);
        test.send(SIGNALED);
        test.expectNoEvent();
        test.receives().requestNotification(false);
        test.expectNoEvent();
        test.send(SIGNALED);
        test.expectEvent(test.receives());
        test.send(SIGNALED);
        test.expectNoEvent();
        assertThat(test.pair().right().received()).hasSize(3);
        test.receives().requestNotification(false);
        test.expectNoEvent();
    }

    /// Waits, by events alone, for each of many messages in both directions.
    @Test
    @Tag("PYV-CQEVENTS-002")
    @Tag("RUT-TRF-012")
    void shouldDriveTrafficByEvents(Rig rig) {
        Case test = Case.of(rig);
        End right = test.pair().right();
        Buffer back = rig.left().buffer(8);
        for (int i = 0; i < 50; i++) {
            test.receives().requestNotification(false);
            test.own().word(0, i + 1);
            right.receive(i, test.to().all());
            test.pair().left().post(SIGNALED.send(i, test.own().all()));
            rig.rest();
            test.expectEvent(test.receives());
            assertThat(test.receives().poll(8)).singleElement().matches(it -> it.isSuccess());
            assertThat(test.to().word(0)).isEqualTo(i + 1);
            right.sends().requestNotification(false);
            test.pair().left().receive(i, back.all());
            right.post(SIGNALED.send(i, test.to().all()));
            rig.rest();
            test.expectEvent(right.sends());
            assertThat(right.sends().poll(8)).singleElement().matches(it -> it.isSuccess());
            assertThat(back.word(0)).isEqualTo(i + 1);
        }
    }
}
