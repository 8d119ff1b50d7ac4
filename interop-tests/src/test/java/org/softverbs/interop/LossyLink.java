package org.softverbs.interop;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/// A guest's link made worse by netem in the guest, in one direction or both, until this is closed.
/// It touches all packets on eth0, the tools' TCP exchange included; the agent has a link of its
/// own.
final class LossyLink implements AutoCloseable {

    /// Whose packets suffer.
    enum Direction {
        FROM_GUEST("eth0"),
        TO_GUEST("ifb0");

        private final String networkInterface;

        Direction(String networkInterface) {
            this.networkInterface = networkInterface;
        }
    }

    /// What happens to packets, in percent of them.
    record Impairment(double loss, double reorder, double duplicate) {

        static final Impairment LOSS = new Impairment(1, 0, 0);
        static final Impairment REORDER = new Impairment(0, 5, 0);
        static final Impairment DUPLICATE = new Impairment(0, 0, 1);
        static final Impairment ALL = new Impairment(1, 5, 1);

        /// What connections have to be made over.
        static final Impairment HARSH = new Impairment(5, 0, 5);

        private List<String> netem() {
            List<String> words = new ArrayList<>(List.of("netem", "limit", "10000"));
            if (reorder > 0) {
                // netem reorders by letting some packets overtake those that it delays.
                words.addAll(List.of("delay", "1ms", "reorder", percent(reorder)));
            }
            if (loss > 0) {
                words.addAll(List.of("loss", percent(loss)));
            }
            if (duplicate > 0) {
                words.addAll(List.of("duplicate", percent(duplicate)));
            }
            return words;
        }

        private static String percent(double value) {
            return String.format(Locale.ROOT, "%.2f%%", value);
        }
    }

    private final KernelGuest guest;

    private LossyLink(KernelGuest guest) {
        this.guest = guest;
    }

    /// Impairs what the guest sends.
    static LossyLink from(KernelGuest guest, Impairment impairment) {
        return install(guest, impairment, Direction.FROM_GUEST);
    }

    /// Impairs what the guest sends and what it receives.
    static LossyLink both(KernelGuest guest, Impairment impairment) {
        return install(guest, impairment, Direction.FROM_GUEST, Direction.TO_GUEST);
    }

    static LossyLink install(KernelGuest guest, Impairment impairment, Direction... directions) {
        restore(guest);
        for (Direction direction : directions) {
            if (direction == Direction.TO_GUEST) {
                redirectIngress(guest);
            }
            List<String> command =
                    new ArrayList<>(
                            List.of(
                                    "tc",
                                    "qdisc",
                                    "add",
                                    "dev",
                                    direction.networkInterface,
                                    "root"));
            command.addAll(impairment.netem());
            guest.exec(command.toArray(String[]::new)).requireSuccess();
        }
        return new LossyLink(guest);
    }

    /// An ingress packet has no queue to be impaired in; ifb gives it one.
    private static void redirectIngress(KernelGuest guest) {
        guest.shell(
                        """
                        set -e
                        modprobe ifb numifbs=1
                        ip link set ifb0 up
                        tc qdisc add dev eth0 ingress
                        tc filter add dev eth0 parent ffff: matchall \
                            action mirred egress redirect dev ifb0
                        """)
                .requireSuccess();
    }

    /// Packets that netem dropped so far, both directions.
    long dropped() {
        return guest.shell("tc -s qdisc show | grep -A 1 netem")
                .stdout()
                .lines()
                .filter(it -> it.contains("dropped"))
                .mapToLong(it -> Long.parseLong(it.replaceAll(".*dropped (\\d+).*", "$1")))
                .sum();
    }

    /// Takes every impairment away; harmless when there is none.
    static void restore(KernelGuest guest) {
        guest.shell(
                        """
                        tc qdisc del dev eth0 root 2>/dev/null
                        tc qdisc del dev eth0 ingress 2>/dev/null
                        [ ! -e /sys/class/net/ifb0 ] || tc qdisc del dev ifb0 root 2>/dev/null
                        ! tc qdisc show | grep netem
                        """)
                .requireSuccess();
    }

    @Override
    public void close() {
        restore(guest);
    }
}
