package org.softverbs.ulp.pingpong;

import org.softverbs.ulp.tool.Tool;

/// The subcommand `srq-pingpong`.
public final class SrqPingpongTool extends Tool {

    public SrqPingpongTool() {
        super("srq-pingpong", SrqPingpong::new);
    }
}
