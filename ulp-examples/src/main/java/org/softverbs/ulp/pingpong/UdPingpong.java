package org.softverbs.ulp.pingpong;

import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/// `ud-pingpong`: as `ibv_ud_pingpong`, in either role.
@Command(
        name = "ud-pingpong",
        description =
                "Sends a message back and forth over datagrams, as"
                        + " ibv_ud_pingpong does; either end may be that tool.",
        mixinStandardHelpOptions = true)
final class UdPingpong extends Pingpong {

    @Option(names = "-c", description = "Check the content of the messages.")
    private boolean check;

    UdPingpong() {
        super(PingpongService.UD);
    }

    @Override
    boolean isChecked() {
        return check;
    }
}
