package org.softverbs.sim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.softverbs.soft.wire.roce.RoceOpcode;

/// Plans of faults: by match and count, and drawn from a seed.
class FaultPlanTest {

    private static final Place THERE = Place.path(1, 2);

    @ParameterizedTest
    @ValueSource(
            strings = {
                "LOSS n1>n2 #3",
                "LOSS n1>n2 RC_READ_RESPONSE_MIDDLE #1 x2",
                "CORRUPT n2>n1 #7 =123",
                "PAUSE n3 #1 =20000"
            })
    void shouldReadWhatItWrites(String text) {
        assertThat(Fault.parse(text).toString()).isEqualTo(text);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "LOSS n1>n2",
                "LOST n1>n2 #1",
                "LOSS n1 #1",
                "PAUSE n1>n2 #1",
                "LOSS n1>n2 #0",
                "LOSS n1>n2 RC_NOTHING #1",
                "LOSS here #1",
                "LOSS n1>n2 #one"
            })
    void shouldRefuseWhatIsNoFault(String text) {
        assertThatThrownBy(() -> ListedPlan.parse(List.of("# a plan", "", text)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("line 3: ");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "LOSS n1>n2 x2 =5 | lacks #OCCASION",
                "LOSS n1>n2 #0    | occasion #0 is less than 1",
                "LOSS n1>n2 #1 x0 | times x0 is less than 1",
                "DELAY n1>n2 #1 =-1 | argument =-1 is less than 0",
                "LOSS n1>n256 #1  | of a node above n255"
            })
    void shouldNameTheLimit(String text, String sentence) {
        assertThatThrownBy(() -> Fault.parse(text))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(sentence);
    }

    @Test
    void shouldKnowWhatDidNotHappen() {
        Fault first = Fault.once(FaultKind.LOSS, THERE, 1, 0);
        Fault second = Fault.once(FaultKind.LOSS, THERE, 2, 0);
        ListedPlan plan = new ListedPlan(List.of(first, second));
        assertThat(plan.decide(FaultKind.LOSS, THERE, 1, null)).isZero();
        assertThat(plan.idle()).containsExactly(second);
    }

    @Test
    void shouldHappenOnTheOccasionsOfItsOpcode() {
        Fault fault = Fault.parse("LOSS n1>n2 RC_SEND_ONLY #2 x2 =5");
        ListedPlan plan = new ListedPlan(List.of(fault));
        List<Long> decisions = new ArrayList<>();
        for (int packet = 1; packet <= 8; packet++) {
            RoceOpcode opcode =
                    packet % 2 == 0 ? RoceOpcode.RC_SEND_ONLY : RoceOpcode.RC_ACKNOWLEDGE;
            decisions.add(plan.decide(FaultKind.LOSS, THERE, packet, opcode));
        }
        assertThat(decisions).containsExactly(-1L, -1L, -1L, 5L, -1L, 5L, -1L, -1L);
        assertThat(plan.has(FaultKind.DELAY)).isFalse();
    }

    @Test
    void shouldHappenAtItsPlaceOnly() {
        ListedPlan plan = new ListedPlan(List.of(Fault.once(FaultKind.LOSS, THERE, 1, 0)));
        assertThat(plan.decide(FaultKind.LOSS, Place.path(2, 1), 1, null)).isEqualTo(-1);
        assertThat(plan.decide(FaultKind.LOSS, THERE, 1, null)).isZero();
    }

    @Test
    void shouldDrawAsOftenAsTheRateSays() {
        DrawnPlan plan = new DrawnPlan(5, Map.of(FaultKind.LOSS, 0.25));
        int lost = 0;
        for (int packet = 1; packet <= 100_000; packet++) {
            lost += plan.decide(FaultKind.LOSS, THERE, packet, null) >= 0 ? 1 : 0;
        }
        assertThat(lost).isBetween(24_500, 25_500);
    }

    @Test
    void shouldDrawEachOccasionByItself() {
        DrawnPlan plan = new DrawnPlan(5, Map.of(FaultKind.DELAY, 0.5));
        List<Long> forwards = new ArrayList<>();
        List<Long> backwards = new ArrayList<>();
        for (int packet = 1; packet <= 100; packet++) {
            forwards.add(plan.decide(FaultKind.DELAY, THERE, packet, null));
            backwards.addFirst(plan.decide(FaultKind.DELAY, THERE, 101 - packet, null));
        }
        assertThat(backwards).isEqualTo(forwards);
        assertThat(forwards).allMatch(it -> it <= FaultKind.DELAY.largestArgument());
    }

    @Test
    void shouldChooseAmongTheKindsOfAScenario() {
        EnumSet<FaultKind> seen = EnumSet.noneOf(FaultKind.class);
        EnumSet<FaultKind> allowed = EnumSet.of(FaultKind.LOSS, FaultKind.PAUSE);
        for (long seed = 1; seed <= 50; seed++) {
            DrawnPlan plan = DrawnPlan.swarm(seed, allowed, new SplittableRandom(seed));
            for (FaultKind kind : FaultKind.values()) {
                if (plan.has(kind)) {
                    seen.add(kind);
                }
            }
        }
        assertThat(seen).isEqualTo(allowed);
    }
}
