package org.softverbs.ulp.pingpong;

import org.softverbs.ulp.tool.Tool;

/// The subcommand `rc-pingpong`.
public final class RcPingpongTool extends Tool {

    public RcPingpongTool() {
        super("rc-pingpong", RcPingpong::new);
    }
}
