package org.softverbs.ulp.pingpong;

import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/// `srq-pingpong`: as `ibv_srq_pingpong`, in either role.
@Command(
        name = "srq-pingpong",
        description =
                "Sends a message back and forth over reliable connections with one receive queue, as"
                        + " ibv_srq_pingpong does; either end may be that tool.",
        mixinStandardHelpOptions = true)
final class SrqPingpong extends Pingpong {

    /// As many as the original has.
    private static final int MOST_CONNECTIONS = 256;

    @Option(names = "-m", paramLabel = "MTU", description = "Path MTU (default: 1024).")
    private int mtu = 1024;

    @Option(names = "-q", paramLabel = "N", description = "Queue pairs (default: 16).")
    private int connections = 16;

    SrqPingpong() {
        super(PingpongService.SRQ);
    }

    @Override
    int mtu() {
        return mtu;
    }

    @Override
    int connections() {
        return connections;
    }

    /// The original tells them all, however many it uses.
    @Override
    int addresses() {
        return MOST_CONNECTIONS;
    }

    @Override
    void checkOptions() {
        super.checkOptions();
        check("-q", connections, 1, MOST_CONNECTIONS);
    }
}
