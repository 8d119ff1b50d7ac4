package org.softverbs.soft.device;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.softverbs.soft.host.SystemClock;
import org.softverbs.verbs.CompletionCursor;
import org.softverbs.verbs.CompletionField;
import org.softverbs.verbs.CompletionQueue;
import org.softverbs.verbs.CompletionQueueOptions;
import org.softverbs.verbs.ExtendedDeviceAttributes;
import org.softverbs.verbs.Mtu;
import org.softverbs.verbs.QueuePair;
import org.softverbs.verbs.QueuePairCapabilities;
import org.softverbs.verbs.QueuePairOptions;
import org.softverbs.verbs.RealTimeValues;
import org.softverbs.verbs.SendFlag;
import org.softverbs.verbs.SendWorkRequest;

/// Fields that completion queues keep when they are asked to, times among them.
class CompletionTimestampTest {

    private final InProcessPair pair = new InProcessPair(4096, Mtu.MTU_1024);

    private CompletionCursor cursorAfterSends(CompletionQueueOptions options, int sends) {
        CompletionQueue queue = pair.left.context.createCompletionQueue(options);
        QueuePair left =
                pair.left.domain.createQueuePair(
                        QueuePairOptions.reliableConnection(
                                queue, new QueuePairCapabilities(64, 64, 1, 1, 0)));
        QueuePair right = pair.right.newQueuePair();
        TestNode.connect(left, pair.left.context, right, pair.right.context, Mtu.MTU_1024);
        for (int i = 0; i < sends; i++) {
            left.postSend(
                    new SendWorkRequest.RdmaWrite(
                            i,
                            List.of(pair.left.region.element(0, 8)),
                            pair.right.region.address(),
                            pair.right.region.remoteKey(),
                            Set.of(SendFlag.SIGNALED)));
            pair.advance(Duration.ofMillis(3));
        }
        return queue.cursor();
    }

    @Test
    void shouldStampCompletionsWithTheClocksOfTheDevice() {
        RealTimeValues before = pair.left.context.queryRealTimeValues();
        CompletionCursor cursor =
                cursorAfterSends(
                        CompletionQueueOptions.of(8)
                                .withField(CompletionField.COMPLETION_TIMESTAMP)
                                .withField(CompletionField.COMPLETION_WALL_CLOCK),
                        3);
        List<Long> stamps = new ArrayList<>();
        List<Long> walls = new ArrayList<>();
        while (cursor.next()) {
            stamps.add(cursor.completionTimestamp());
            walls.add(cursor.completionWallClock());
        }
        assertThat(stamps).hasSize(3).isSorted().doesNotHaveDuplicates();
        long step = Duration.ofMillis(3).toNanos();
        assertThat(stamps.get(1) - stamps.get(0)).isEqualTo(step);
        assertThat(stamps.get(2) - stamps.get(1)).isEqualTo(step);
        assertThat(walls.get(2) - walls.get(1)).isEqualTo(step);
        RealTimeValues after = pair.left.context.queryRealTimeValues();
        assertThat(stamps)
                .allSatisfy(it -> assertThat(it).isBetween(before.rawClock(), after.rawClock()));
        assertThat(walls)
                .allSatisfy(it -> assertThat(it).isBetween(before.wallClock(), after.wallClock()));
    }

    @ParameterizedTest
    @EnumSource
    void shouldSayThatAFieldWasNotAskedFor(CompletionField field) {
        CompletionCursor cursor =
                cursorAfterSends(
                        CompletionQueueOptions.of(8)
                                .withFields(EnumSet.complementOf(EnumSet.of(field))),
                        1);
        assertThat(cursor.next()).isTrue();
        assertThat(cursor.workRequestId()).isZero();
        assertThatThrownBy(() -> reader(field).accept(cursor))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("was not made to keep " + field);
        for (CompletionField other : EnumSet.complementOf(EnumSet.of(field))) {
            reader(other).accept(cursor);
        }
    }

    private static Consumer<CompletionCursor> reader(CompletionField field) {
        return switch (field) {
            case BYTE_LENGTH -> CompletionCursor::byteLength;
            case IMMEDIATE -> CompletionCursor::immediate;
            case QUEUE_PAIR_NUMBER -> CompletionCursor::queuePairNumber;
            case SOURCE_QUEUE_PAIR -> CompletionCursor::sourceQueuePairNumber;
            case COMPLETION_TIMESTAMP -> CompletionCursor::completionTimestamp;
            case COMPLETION_WALL_CLOCK -> CompletionCursor::completionWallClock;
        };
    }

    @Test
    void shouldKeepTheStandardFieldsUnlessToldOtherwise() {
        assertThat(pair.left.context.createCompletionQueue(1).fields())
                .isEqualTo(CompletionField.standard());
        assertThat(
                        pair.left
                                .context
                                .createCompletionQueue(CompletionQueueOptions.of(1).forOneThread())
                                .fields())
                .isEqualTo(CompletionField.standard());
    }

    /// A tick of the raw clock is a nanosecond, as the device says.
    @Test
    void shouldTickAsOftenAsTheDeviceSays() {
        ExtendedDeviceAttributes attributes = pair.left.context.queryExtendedDevice();
        long before = pair.left.context.queryRealTimeValues().rawClock();
        pair.clock.advance(Duration.ofMillis(7));
        long ticks = pair.left.context.queryRealTimeValues().rawClock() - before;
        assertThat(ticks).isEqualTo(7 * attributes.coreClockKilohertz());
        assertThat(attributes.completionTimestampMask()).isEqualTo(-1L);
    }

    @Test
    void shouldTellTheTimeOnTheWall() {
        SystemClock clock = new SystemClock();
        long before = System.currentTimeMillis();
        long wall = Duration.ofNanos(clock.wallClockNanos()).toMillis();
        assertThat(wall).isBetween(before, System.currentTimeMillis());
    }
}
