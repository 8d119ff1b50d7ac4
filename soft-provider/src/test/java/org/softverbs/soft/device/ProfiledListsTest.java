package org.softverbs.soft.device;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.softverbs.soft.profile.Deviation;
import org.softverbs.soft.profile.DeviceProfile;
import org.softverbs.verbs.QueuePair;
import org.softverbs.verbs.QueuePairAttributes;
import org.softverbs.verbs.QueuePairState;
import org.softverbs.verbs.SendWorkRequest;
import org.softverbs.verbs.Sge;

/// A device that loses requests does so whether they are posted one by one or all at once.
class ProfiledListsTest {

    private static final int ROOM = 256;

    private InProcessPair pair = VerbSides.pair(DeviceProfile.standard());

    private QueuePair losing(Deviation deviation) {
        pair = VerbSides.pair(DeviceProfile.of(deviation));
        if (deviation == Deviation.SEND_OVERFLOW_UNNOTICED) {
            return pair.left.queuePair;
        }
        QueuePair queuePair = pair.left.newQueuePair();
        queuePair.modify(QueuePairAttributes.toInit(TestNode.ALL_ACCESS));
        if (deviation == Deviation.SENDS_IN_ERROR_LOST) {
            queuePair.modify(QueuePairAttributes.to(QueuePairState.ERR));
        }
        return queuePair;
    }

    private List<SendWorkRequest> writes(int count) {
        return new ArrayList<>(Collections.nCopies(count, VerbSides.write(pair.left, pair.right)));
    }

    /// With more elements than a request may have.
    private SendWorkRequest wrong() {
        Sge element = pair.left.region.element(0, 8);
        return new SendWorkRequest.Send(1, Collections.nCopies(9, element), Set.of());
    }

    @ParameterizedTest
    @EnumSource(names = {"EARLY_SENDS_DROPPED", "SENDS_IN_ERROR_LOST", "SEND_OVERFLOW_UNNOTICED"})
    void shouldTakeMoreThanTheQueueHolds(Deviation deviation) {
        int[] completed = new int[2];
        for (int i = 0; i < 2; i++) {
            QueuePair queuePair = losing(deviation);
            List<SendWorkRequest> requests = writes(ROOM + 3);
            boolean whole = i == 0;
            assertThat(
                            VerbSides.outcome(
                                    () -> {
                                        if (whole) {
                                            queuePair.postSendAll(requests);
                                        } else {
                                            queuePair.postSend(requests);
                                        }
                                    }))
                    .isEqualTo("done");
            pair.settle();
            completed[i] = pair.left.pollSends().size();
        }
        int held = deviation == Deviation.SEND_OVERFLOW_UNNOTICED ? ROOM : 0;
        assertThat(completed).containsExactly(held, held);
    }

    @ParameterizedTest
    @CsvSource({
        "EARLY_SENDS_DROPPED, 2",
        "EARLY_SENDS_DROPPED, 257",
        "SENDS_IN_ERROR_LOST, 257",
        "SEND_OVERFLOW_UNNOTICED, 257"
    })
    void shouldStillRefuseAWrongRequestBehindThoseThatAreLost(Deviation deviation, int index) {
        QueuePair queuePair = losing(deviation);
        List<SendWorkRequest> requests = writes(index);
        requests.add(wrong());
        assertThat(VerbSides.outcome(() -> queuePair.postSendAll(requests)))
                .isEqualTo("EINVAL at " + index);
        pair.settle();
        assertThat(pair.left.pollSends()).as("none of the list is posted").isEmpty();
        assertThat(VerbSides.outcome(() -> queuePair.postSend(requests)))
                .isEqualTo("EINVAL at " + index);
    }
}
