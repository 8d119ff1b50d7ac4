package org.softverbs.soft.device;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.softverbs.verbs.Errno;
import org.softverbs.verbs.Mtu;
import org.softverbs.verbs.PostException;
import org.softverbs.verbs.QueuePairAttributes;
import org.softverbs.verbs.QueuePairState;
import org.softverbs.verbs.SendFlag;
import org.softverbs.verbs.SendWorkRequest;
import org.softverbs.verbs.SendWorkRequest.RdmaWrite;
import org.softverbs.verbs.WorkCompletion;

/// Lists of requests that are posted whole or not at all.
class PostAllTest {

    private static final Set<SendFlag> SIGNALED = Set.of(SendFlag.SIGNALED);

    private final InProcessPair pair = new InProcessPair(4096, Mtu.MTU_1024);

    private RdmaWrite write(long id, int elements) {
        return new RdmaWrite(
                id,
                Collections.nCopies(elements, pair.left.region.element(0, 8)),
                pair.right.region.address() + id * 8,
                pair.right.region.remoteKey(),
                SIGNALED);
    }

    private List<Long> completed() {
        pair.settle();
        return pair.left.pollSends().stream().map(WorkCompletion::workRequestId).toList();
    }

    @Test
    void shouldPostAllInOrder() {
        pair.left.queuePair.postSendAll(List.of(write(1, 1), write(2, 8), write(3, 0)));
        assertThat(completed()).containsExactly(1L, 2L, 3L);
    }

    @Test
    void shouldPostNoneWhenOneIsRefused() {
        pair.left.fill(1);
        refused(2, Errno.EINVAL, List.of(write(1, 1), write(2, 1), write(3, 9), write(4, 1)));
        assertThat(completed()).isEmpty();
        assertThat(pair.right.region.segment().mismatch(TestNode.allocate(4096))).isEqualTo(-1);
    }

    @Test
    void shouldPostNoneWhenThereIsNoRoomForAll() {
        int depth = pair.left.queuePair.capabilities().maxSendRequests();
        List<SendWorkRequest> many = new ArrayList<>();
        for (int i = 0; i <= depth; i++) {
            many.add(write(i, 0));
        }
        refused(depth, Errno.ENOMEM, many);
        assertThat(completed()).isEmpty();
        pair.left.queuePair.postSendAll(many.subList(0, depth));
        refused(0, Errno.ENOMEM, List.of(write(1, 0)));
        assertThat(completed()).hasSize(depth);
    }

    @Test
    void shouldPostNoneInAStateThatTakesNone() {
        pair.left.queuePair.modify(QueuePairAttributes.to(QueuePairState.RESET));
        refused(0, Errno.EINVAL, List.of(write(1, 1), write(2, 1)));
    }

    private void refused(int index, Errno errno, List<? extends SendWorkRequest> requests) {
        assertThatThrownBy(() -> pair.left.queuePair.postSendAll(requests))
                .isInstanceOfSatisfying(
                        PostException.class,
                        it -> {
                            assertThat(it.badIndex()).isEqualTo(index);
                            assertThat(it.errno()).isEqualTo(errno);
                        });
    }
}
