package org.softverbs.ulp.demo;

import org.softverbs.ulp.tool.Tool;

/// The subcommand `demo`.
public final class DemoTool extends Tool {

    public DemoTool() {
        super("demo", Demo::new);
    }
}
