package org.softverbs.ulp.devinfo;

import org.softverbs.ulp.tool.Tool;

/// The subcommand `devinfo`.
public final class DevinfoTool extends Tool {

    public DevinfoTool() {
        super("devinfo", Devinfo::new);
    }
}
