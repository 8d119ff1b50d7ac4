package org.softverbs.interop;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.softverbs.interop.Match.Link;
import org.softverbs.interop.Match.Role;

/// `rc-pingpong` against `ibv_rc_pingpong` on a kernel, in either role.
@InteropTest
class RcPingpongIT {

    private static final List<Integer> SIZES = List.of(1, 3, 1024, 1025, 4096, 65_536, 1 << 20);
    private static final long CLEAN_BYTES = 2 << 20;
    private static final long IMPAIRED_BYTES = 512 << 10;
    private static final int MOST_ROUNDS = 100;
    private static final int FEWEST_ROUNDS = 3;

    /// One run.
    record Round(int size, Role role, Link link, boolean check) {}

    static Stream<Round> rounds() {
        List<Round> all = new ArrayList<>();
        for (int size : SIZES) {
            for (Role role : Role.values()) {
                for (Link link : Link.values()) {
                    for (boolean check : new boolean[] {false, true}) {
                        all.add(new Round(size, role, link, check));
                    }
                }
            }
        }
        return all.stream().filter(it -> Matrix.isWhole() || isRepresentative(it));
    }

    /// Each size in each role; the check with the odd ones, impairments with three of them.
    private static boolean isRepresentative(Round round) {
        boolean impairs = round.size() == 3 || round.size() == 4096 || round.size() == 65_536;
        boolean checks = round.role() == Role.CLIENT ? round.size() % 2 == 1 : round.size() > 1025;
        return round.check() == checks && (round.link() == Link.CLEAN || impairs);
    }

    @ParameterizedTest
    @MethodSource("rounds")
    void shouldPlayWithTheKernel(Round round, KernelGuest guest, NodeContainer node) {
        long bytes = round.link() == Link.CLEAN ? CLEAN_BYTES : IMPAIRED_BYTES;
        long count = Math.clamp(bytes / round.size(), FEWEST_ROUNDS, MOST_ROUNDS);
        List<String> options = new ArrayList<>();
        options.addAll(List.of("-s", Integer.toString(round.size())));
        options.addAll(List.of("-n", Long.toString(count)));
        if (round.check()) {
            options.add("-c");
        }
        String[] words = options.toArray(String[]::new);
        Match.Outcome outcome =
                new Match(guest, node)
                        .play(
                                round.role(),
                                round.link(),
                                StockTool.pingpong("ibv_rc_pingpong", words),
                                "rc-pingpong",
                                words);
        assertThat(outcome.ours().stdout()).contains(count + " iters in ");
        assertThat(outcome.stock().stdout()).contains(count + " iters in ");
    }
}
