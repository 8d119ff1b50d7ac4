package org.softverbs.ulp.devinfo;

import org.softverbs.ulp.tool.Tool;

/// The subcommand `asyncwatch`.
public final class AsyncwatchTool extends Tool {

    public AsyncwatchTool() {
        super("asyncwatch", Asyncwatch::new);
    }
}
