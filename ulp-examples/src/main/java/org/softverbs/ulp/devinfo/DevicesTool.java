package org.softverbs.ulp.devinfo;

import org.softverbs.ulp.tool.Tool;

/// The subcommand `devices`.
public final class DevicesTool extends Tool {

    public DevicesTool() {
        super("devices", Devices::new);
    }
}
