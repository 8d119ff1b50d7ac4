package org.softverbs.ulp.pingpong;

import org.softverbs.ulp.tool.Tool;

/// The subcommand `ud-pingpong`.
public final class UdPingpongTool extends Tool {

    public UdPingpongTool() {
        super("ud-pingpong", UdPingpong::new);
    }
}
