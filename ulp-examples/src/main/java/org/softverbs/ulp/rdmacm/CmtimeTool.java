package org.softverbs.ulp.rdmacm;

import org.softverbs.ulp.tool.Tool;

/// The subcommand `cmtime`.
public final class CmtimeTool extends Tool {

    public CmtimeTool() {
        super("cmtime", Cmtime::new);
    }
}
