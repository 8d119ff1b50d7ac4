package org.softverbs.ulp.rdmacm;

import org.softverbs.ulp.tool.Tool;

/// The subcommand `udaddy`.
public final class UdaddyTool extends Tool {

    public UdaddyTool() {
        super("udaddy", Udaddy::new);
    }
}
