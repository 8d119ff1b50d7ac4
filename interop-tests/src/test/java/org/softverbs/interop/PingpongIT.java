package org.softverbs.interop;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.softverbs.interop.Match.Link;
import org.softverbs.interop.Match.Role;

/// The ping-pongs of the other services against the kernel's, in either role. An unreliable one has
/// no answer to a loss, so only that of a shared receive queue meets a link that loses packets.
@InteropTest
class PingpongIT {

    private static final String ROUNDS = "100";

    /// One run.
    ///
    /// @param service `uc`, `ud` or `srq`
    /// @param options for both ends
    record Round(String service, Role role, Link link, List<String> options) {}

    static Stream<Round> rounds() {
        List<Round> all = new ArrayList<>();
        for (Role role : Role.values()) {
            for (String size : List.of("1", "3", "1024")) {
                all.add(new Round("uc", role, Link.CLEAN, List.of("-s", size, "-c")));
                all.add(new Round("ud", role, Link.CLEAN, List.of("-s", size)));
            }
            all.add(new Round("uc", role, Link.CLEAN, List.of("-s", "65536")));
            all.add(new Round("srq", role, Link.CLEAN, List.of()));
            all.add(new Round("srq", role, Link.IMPAIRED, List.of("-q", "3")));
        }
        return all.stream();
    }

    @ParameterizedTest
    @MethodSource("rounds")
    void shouldPlayWithTheKernel(Round round, KernelGuest guest, NodeContainer node) {
        List<String> options = new ArrayList<>(round.options());
        options.addAll(List.of("-n", ROUNDS));
        String[] words = options.toArray(String[]::new);
        Match.Outcome outcome =
                new Match(guest, node)
                        .play(
                                round.role(),
                                round.link(),
                                StockTool.pingpong("ibv_" + round.service() + "_pingpong", words),
                                round.service() + "-pingpong",
                                words);
        assertThat(outcome.ours().stdout()).contains(ROUNDS + " iters in ");
        assertThat(outcome.stock().stdout()).contains(ROUNDS + " iters in ");
    }
}
