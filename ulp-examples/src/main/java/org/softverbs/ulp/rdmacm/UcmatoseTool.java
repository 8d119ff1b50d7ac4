package org.softverbs.ulp.rdmacm;

import org.softverbs.ulp.tool.Tool;

/// The subcommand `ucmatose`.
public final class UcmatoseTool extends Tool {

    public UcmatoseTool() {
        super("ucmatose", Ucmatose::new);
    }
}
