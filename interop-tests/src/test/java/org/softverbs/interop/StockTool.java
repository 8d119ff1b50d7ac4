package org.softverbs.interop;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/// The stock tools as a kernel guest runs them: by name, with the guest's device and GID index.
final class StockTool {

    /// TCP port on which all of them exchange addresses.
    static final int PORT = 18515;

    /// For one run under emulation, loss included.
    static final Duration PATIENCE = Duration.ofSeconds(90);

    private StockTool() {}

    /// `ibv_rc_pingpong` and its like; a server without a peer's address, a client with it.
    static String[] pingpong(String tool, String... options) {
        return command(tool, "-g", options);
    }

    /// perftest: `ib_write_bw` and its like.
    static String[] perftest(String tool, String... options) {
        return command(tool, "-x", options);
    }

    private static String[] command(String tool, String gidOption, String... options) {
        List<String> words =
                new ArrayList<>(
                        List.of(
                                tool,
                                "-d",
                                KernelGuest.DEVICE,
                                gidOption,
                                Integer.toString(KernelGuest.GID_INDEX_IPV4)));
        words.addAll(List.of(options));
        return words.toArray(String[]::new);
    }
}
