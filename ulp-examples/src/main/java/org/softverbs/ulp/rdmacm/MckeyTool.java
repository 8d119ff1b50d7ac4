package org.softverbs.ulp.rdmacm;

import org.softverbs.ulp.tool.Tool;

/// The subcommand `mckey`.
public final class MckeyTool extends Tool {

    public MckeyTool() {
        super("mckey", Mckey::new);
    }
}
