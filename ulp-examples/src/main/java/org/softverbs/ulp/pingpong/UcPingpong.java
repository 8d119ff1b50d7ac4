package org.softverbs.ulp.pingpong;

import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/// `uc-pingpong`: as `ibv_uc_pingpong`, in either role.
@Command(
        name = "uc-pingpong",
        description =
                "Sends a message back and forth over an unreliable connection, as"
                        + " ibv_uc_pingpong does; either end may be that tool.",
        mixinStandardHelpOptions = true)
final class UcPingpong extends Pingpong {

    @Option(names = "-m", paramLabel = "MTU", description = "Path MTU (default: 1024).")
    private int mtu = 1024;

    @Option(names = "-c", description = "Check the content of the messages.")
    private boolean check;

    UcPingpong() {
        super(PingpongService.UC);
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
