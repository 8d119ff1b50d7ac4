package org.softverbs.interop;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.softverbs.interop.LossyLink.Impairment;

/// Impairments come and go.
@InteropTest
class LossyLinkIT {

    @Test
    void shouldSetAndRemoveImpairments(KernelGuest guest) {
        try (LossyLink link = LossyLink.both(guest, Impairment.ALL)) {
            assertThat(guest.shell("tc qdisc show dev eth0; tc qdisc show dev ifb0").stdout())
                    .containsPattern("(?s)loss 1%.*duplicate 1%.*reorder 5%.*ifb0.*|(?s).*loss 1%")
                    .contains("loss 1%", "duplicate 1%", "reorder 5%");
            assertThat(link.dropped()).isNotNegative();
        }
        assertThat(guest.shell("tc qdisc show").stdout()).doesNotContain("netem");
    }

    @Test
    void shouldDropPackets(KernelGuest guest, NodeContainer node) {
        try (LossyLink link = LossyLink.from(guest, new Impairment(50, 0, 0))) {
            guest.shell(
                            "for i in $(seq 100); do echo x | nc -u -w 0 %s 9 & done 2>/dev/null; wait"
                                    .formatted(node.address()))
                    .exitCode();
            guest.shell(
                    "bash -c 'for i in $(seq 100); do echo x >/dev/udp/%s/9; done' 2>/dev/null"
                            .formatted(node.address()));
            assertThat(link.dropped()).isPositive();
        }
    }
}
