package org.softverbs.ulp.pingpong;

import org.softverbs.ulp.tool.Tool;

/// The subcommand `uc-pingpong`.
public final class UcPingpongTool extends Tool {

    public UcPingpongTool() {
        super("uc-pingpong", UcPingpong::new);
    }
}
