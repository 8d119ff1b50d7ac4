package org.softverbs.ulp.pingpong;

import org.softverbs.ulp.tool.Tool;

/// The subcommand `xsrq-pingpong`.
public final class XsrqPingpongTool extends Tool {

    public XsrqPingpongTool() {
        super("xsrq-pingpong", XsrqPingpong::new);
    }
}
