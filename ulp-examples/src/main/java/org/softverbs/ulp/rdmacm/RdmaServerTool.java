package org.softverbs.ulp.rdmacm;

import org.softverbs.ulp.tool.Tool;

/// The subcommand `rdma-server`.
public final class RdmaServerTool extends Tool {

    public RdmaServerTool() {
        super("rdma-server", RdmaServer::new);
    }
}
