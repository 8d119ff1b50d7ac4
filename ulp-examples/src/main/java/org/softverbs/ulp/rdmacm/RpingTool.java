package org.softverbs.ulp.rdmacm;

import org.softverbs.ulp.tool.Tool;

/// The subcommand `rping`.
public final class RpingTool extends Tool {

    public RpingTool() {
        super("rping", Rping::new);
    }
}
