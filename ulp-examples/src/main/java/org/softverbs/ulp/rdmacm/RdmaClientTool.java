package org.softverbs.ulp.rdmacm;

import org.softverbs.ulp.tool.Tool;

/// The subcommand `rdma-client`.
public final class RdmaClientTool extends Tool {

    public RdmaClientTool() {
        super("rdma-client", RdmaClient::new);
    }
}
