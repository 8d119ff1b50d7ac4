package org.softverbs.ulp.pingpong;

import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/// `rc-pingpong`: as `ibv_rc_pingpong`, in either role.
@Command(
        name = "rc-pingpong",
        description =
                "Sends a message back and forth over a reliable connection, as"
                        + " ibv_rc_pingpong does; either end may be that tool.",
        mixinStandardHelpOptions = true)
final class RcPingpong extends Pingpong {

    @Option(names = "-m", paramLabel = "MTU", description = "Path MTU (default: 1024).")
    private int mtu = 1024;

    @Option(names = "-c", description = "Check the content of the messages.")
    private boolean check;

    RcPingpong() {
        super(PingpongService.RC);
    }

    @Override
    int mtu() {
        return mtu;
    }

    @Override
    boolean isChecked() {
        return check;
    }
}
