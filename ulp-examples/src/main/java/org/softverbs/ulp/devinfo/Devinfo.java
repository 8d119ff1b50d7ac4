package org.softverbs.ulp.devinfo;

import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.softverbs.ulp.tool.CommonOptions;
import org.softverbs.ulp.tool.JsonObject;
import org.softverbs.verbs.DeviceAttributes;
import org.softverbs.verbs.DeviceContext;
import org.softverbs.verbs.GidEntry;
import org.softverbs.verbs.Mtu;
import org.softverbs.verbs.PortAttributes;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/// `devinfo`: as `ibv_devinfo`.
@Command(
        name = "devinfo",
        description = "Tells what a device is and can do, as ibv_devinfo does.",
        mixinStandardHelpOptions = true)
final class Devinfo implements Callable<Integer> {

    @Mixin private final CommonOptions common = new CommonOptions();
    @Spec private @Nullable CommandSpec spec;

    @Option(names = "-v", description = "Print all attributes and the GID table.")
    private boolean verbose;

    @Override
    public Integer call() {
        CommandSpec present = spec;
        if (present == null) {
            throw new IllegalStateException("run by picocli only");
        }
        PrintWriter out = present.commandLine().getOut();
        try (DeviceContext context = common.open()) {
            if (common.isJson()) {
                JsonObject.print(out, json(context));
            } else {
                print(out, context);
            }
        }
        return 0;
    }

    private void print(PrintWriter out, DeviceContext context) {
        DeviceAttributes device = context.queryDevice();
        String guid = colons(device.nodeGuid());
        out.printf("hca_id:\t%s%n", context.device().name());
        line(out, 1, "transport", "InfiniBand (0)");
        line(out, 1, "fw_ver", device.firmwareVersion());
        line(out, 1, "node_guid", guid);
        line(out, 1, "sys_image_guid", guid);
        line(out, 1, "vendor_id", "0xffffff");
        line(out, 1, "vendor_part_id", "0");
        line(out, 1, "hw_ver", "0x0");
        line(out, 1, "phys_port_cnt", device.physicalPorts());
        line(out, 1, "profile", context.queryExtendedDevice().profile());
        if (verbose) {
            printLimits(out, device);
        }
        for (int number = 1; number <= device.physicalPorts(); number++) {
            printPort(out, context, number);
        }
        out.println();
    }

    private static void printLimits(PrintWriter out, DeviceAttributes device) {
        line(out, 1, "max_mr_size", "0x" + Long.toHexString(device.maxMemoryRegionSize()));
        line(out, 1, "max_qp", device.maxQueuePairs());
        line(out, 1, "max_qp_wr", device.maxQueuePairRequests());
        line(out, 1, "max_sge", device.maxSge());
        line(out, 1, "max_inline_data", device.maxInlineData());
        line(out, 1, "max_cq", device.maxCompletionQueues());
        line(out, 1, "max_cqe", device.maxCompletionQueueEntries());
        line(out, 1, "max_mr", device.maxMemoryRegions());
        line(out, 1, "max_mw", device.maxMemoryWindows());
        line(out, 1, "max_pd", device.maxProtectionDomains());
        line(out, 1, "max_qp_rd_atom", device.maxDestinationReadAtomic());
        line(out, 1, "max_qp_init_rd_atom", device.maxReadAtomic());
        line(out, 1, "atomic_cap", "ATOMIC_HCA (1)");
    }

    private void printPort(PrintWriter out, DeviceContext context, int number) {
        PortAttributes port = context.queryPort(number);
        out.printf("\t\tport:\t%d%n", number);
        line(out, 3, "state", "PORT_" + port.state() + " (" + port.state().number() + ")");
        line(out, 3, "max_mtu", mtu(port.maxMtu()));
        line(out, 3, "active_mtu", mtu(port.activeMtu()));
        line(out, 3, "sm_lid", 0);
        line(out, 3, "port_lid", 0);
        line(out, 3, "port_lmc", "0x00");
        line(out, 3, "link_layer", "Ethernet");
        if (!verbose) {
            return;
        }
        line(out, 3, "max_msg_sz", "0x" + Long.toHexString(port.maxMessageSize()));
        line(out, 3, "pkey_tbl_len", port.partitionKeyTableLength());
        line(out, 3, "gid_tbl_len", port.gidTableLength());
        line(out, 3, "netdev_mtu", port.interfaceMtu());
        for (GidEntry entry : context.gidTable(number)) {
            line(out, 3, "GID[" + entry.index() + "]", entry.gid() + ", RoCE v2");
        }
    }

    private static Map<String, Object> json(DeviceContext context) {
        PortAttributes port = context.queryPort(1);
        List<Map<String, Object>> gids = new ArrayList<>();
        for (GidEntry entry : context.gidTable(1)) {
            Map<String, Object> gid = new LinkedHashMap<>();
            gid.put("index", entry.index());
            gid.put("gid", entry.gid().toString());
            gid.put("type", entry.type().name());
            gids.add(gid);
        }
        Map<String, Object> values = new LinkedHashMap<>();
        values.put("name", context.device().name());
        values.put("nodeGuid", colons(context.device().nodeGuid()));
        values.put("interface", context.device().interfaceName());
        values.put("profile", context.queryExtendedDevice().profile());
        values.put("state", port.state().name());
        values.put("maxMtu", port.maxMtu().bytes());
        values.put("activeMtu", port.activeMtu().bytes());
        values.put("interfaceMtu", port.interfaceMtu());
        values.put("maxMessageSize", port.maxMessageSize());
        values.put("gids", gids);
        return values;
    }

    private static String mtu(Mtu mtu) {
        return mtu.bytes() + " (" + mtu.number() + ")";
    }

    private static String colons(long guid) {
        String digits = String.format(Locale.ROOT, "%016x", guid);
        return String.join(
                ":",
                digits.substring(0, 4),
                digits.substring(4, 8),
                digits.substring(8, 12),
                digits.substring(12));
    }

    private static void line(PrintWriter out, int depth, String name, Object value) {
        out.printf("%s%-24s\t%s%n", "\t".repeat(depth), name + ":", value);
    }
}
