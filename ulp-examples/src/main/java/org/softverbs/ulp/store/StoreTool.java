package org.softverbs.ulp.store;

import org.softverbs.ulp.tool.Tool;

/// The subcommand `store`.
public final class StoreTool extends Tool {

    public StoreTool() {
        super("store", Store::new);
    }
}
