package org.softverbs.ulp.perf;

import org.softverbs.ulp.tool.Tool;

/// The subcommand `perf`.
public final class PerfTool extends Tool {

    public PerfTool() {
        super("perf", Perf::new);
    }
}
