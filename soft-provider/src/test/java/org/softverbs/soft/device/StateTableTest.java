package org.softverbs.soft.device;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.softverbs.verbs.AddressVector;
import org.softverbs.verbs.Mtu;
import org.softverbs.verbs.QueuePair;
import org.softverbs.verbs.QueuePairAttribute;
import org.softverbs.verbs.QueuePairAttributes;
import org.softverbs.verbs.QueuePairState;
import org.softverbs.verbs.QueuePairTransitions;
import org.softverbs.verbs.QueuePairTransitions.Rule;
import org.softverbs.verbs.QueuePairType;
import org.softverbs.verbs.VerbsException;

/// Q1: all pairs of states, and all masks one attribute away from a legal one.
///
/// The table is checked in as text, written from the one behind `ib_modify_qp_is_ok`: a change of
/// ours shows there.
class StateTableTest {

    private static final EnumSet<QueuePairAttribute> ALL = EnumSet.allOf(QueuePairAttribute.class);

    @Test
    void shouldBeTheTableThatIsWrittenDown() throws IOException {
        List<String> lines = new ArrayList<>();
        for (QueuePairState from : QueuePairState.values()) {
            for (QueuePairState to : QueuePairState.values()) {
                QueuePairTransitions.rule(QueuePairType.RC, from, to)
                        .ifPresent(rule -> lines.add(line(from, to, rule)));
            }
        }
        try (InputStream file = StateTableTest.class.getResourceAsStream("/rc-states.txt")) {
            String text =
                    new String(Objects.requireNonNull(file).readAllBytes(), StandardCharsets.UTF_8);
            assertThat(lines).isEqualTo(text.lines().toList());
        }
    }

    private static String line(QueuePairState from, QueuePairState to, Rule rule) {
        return from
                + " "
                + to
                + " needs "
                + new TreeSet<>(rule.required())
                + " takes "
                + new TreeSet<>(rule.optional());
    }

    @Test
    void shouldRefuseEveryMaskThatLacksOrAddsAnAttribute() {
        int cases = 0;
        for (QueuePairState from : QueuePairState.values()) {
            for (QueuePairState to : QueuePairState.values()) {
                Rule rule = QueuePairTransitions.rule(QueuePairType.RC, from, to).orElse(null);
                Set<QueuePairAttribute> required = rule == null ? Set.of() : rule.required();
                Set<QueuePairAttribute> optional = rule == null ? Set.of() : rule.optional();
                for (QueuePairAttribute attribute : ALL) {
                    EnumSet<QueuePairAttribute> mask = EnumSet.of(QueuePairAttribute.STATE);
                    mask.addAll(required);
                    boolean had = !mask.add(attribute);
                    if (had) {
                        mask.remove(attribute);
                    }
                    boolean state = attribute == QueuePairAttribute.STATE;
                    boolean legal =
                            rule != null && (state || (!had && optional.contains(attribute)));
                    assertThat(
                                    QueuePairTransitions.violation(QueuePairType.RC, from, to, mask)
                                            .isEmpty())
                            .as("%s to %s with %s", from, to, mask)
                            .isEqualTo(legal);
                    cases++;
                }
            }
        }
        assertThat(cases).isEqualTo(49 * ALL.size());
    }

    /// A live queue pair does what the table says; what is refused leaves it where it was.
    @Test
    void shouldMoveALiveQueuePairAsTheTableSays() {
        InProcessPair pair = new InProcessPair(4096, Mtu.MTU_1024);
        for (QueuePairState from : QueuePairState.values()) {
            if (from == QueuePairState.SQE) {
                continue; // a reliable connection never is
            }
            for (QueuePairState to : QueuePairState.values()) {
                QueuePair queuePair = pair.left.newQueuePair();
                bring(pair, queuePair, from);
                boolean legal = QueuePairTransitions.rule(QueuePairType.RC, from, to).isPresent();
                if (legal) {
                    queuePair.modify(move(pair, from, to));
                    assertThat(queuePair.state()).isEqualTo(to);
                } else {
                    assertThatThrownBy(() -> queuePair.modify(move(pair, from, to)))
                            .isInstanceOf(VerbsException.class)
                            .hasMessageContaining("cannot move from " + from + " to " + to);
                    assertThat(queuePair.state()).isEqualTo(from);
                }
                pair.settle();
                queuePair.close();
            }
        }
    }

    private static void bring(InProcessPair pair, QueuePair queuePair, QueuePairState state) {
        List<QueuePairState> way =
                switch (state) {
                    case RESET -> List.of();
                    case INIT -> List.of(QueuePairState.INIT);
                    case RTR -> List.of(QueuePairState.INIT, QueuePairState.RTR);
                    case RTS ->
                            List.of(QueuePairState.INIT, QueuePairState.RTR, QueuePairState.RTS);
                    case SQD ->
                            List.of(
                                    QueuePairState.INIT,
                                    QueuePairState.RTR,
                                    QueuePairState.RTS,
                                    QueuePairState.SQD);
                    case ERR -> List.of(QueuePairState.INIT, QueuePairState.ERR);
                    case SQE -> throw new IllegalArgumentException("SQE");
                };
        QueuePairState at = QueuePairState.RESET;
        for (QueuePairState next : way) {
            queuePair.modify(move(pair, at, next));
            at = next;
        }
    }

    private static QueuePairAttributes move(
            InProcessPair pair, QueuePairState from, QueuePairState to) {
        boolean again = from == to;
        return switch (to) {
            case INIT ->
                    again
                            ? QueuePairAttributes.to(to)
                            : QueuePairAttributes.toInit(TestNode.ALL_ACCESS);
            case RTR ->
                    QueuePairAttributes.toReadyToReceive(
                            new AddressVector(pair.right.context.gidTable(1).getFirst().gid(), 0),
                            pair.right.queuePair.number(),
                            1,
                            Mtu.MTU_1024);
            case RTS ->
                    from == QueuePairState.RTR
                            ? QueuePairAttributes.toReadyToSend(1)
                            : QueuePairAttributes.to(to);
            case RESET, SQD, SQE, ERR -> QueuePairAttributes.to(to);
        };
    }
}
