package org.softverbs.ulp.tool;

import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.softverbs.verbs.DeviceContext;
import org.softverbs.verbs.PrivilegedContext;
import org.softverbs.verbs.RdmaDevices;
import picocli.CommandLine.Option;

/// The options that every tool takes.
public final class CommonOptions {

    @Option(
            names = "--device",
            paramLabel = "KIND@ADDRESS",
            description = "Device to use (default: ${DEFAULT-VALUE}).")
    private String device = "rxe@127.0.0.1";

    @Option(names = "--json", description = "Print one JSON object and nothing else.")
    private boolean json;

    @Option(names = "--pcap", paramLabel = "FILE", description = "Record the packets in a file.")
    private @Nullable String pcap;

    @Option(
            names = "--record",
            paramLabel = "FILE",
            description =
                    "Record packets, requests, completions and events in a file, as a trace;"
                            + " 'softverbs trace' shows it.")
    private @Nullable String record;

    @Option(
            names = "--progress",
            paramLabel = "poll|loop",
            description =
                    "Who drives the device: the thread that polls (lowest latency), or a loop of"
                            + " its own (default: ${DEFAULT-VALUE}).")
    private String progress = "poll";

    @Option(
            names = "--transport",
            paramLabel = "auto|nio",
            description = "Sockets: native where there are any, or the JDK's (default: auto).")
    private String transport = "auto";

    @Option(
            names = "--profile",
            paramLabel = "NAME",
            description =
                    "Which adapter the device behaves like where they differ (standard, mlx5, mlx4,"
                            + " irdma, rxe), or single deviations, with commas between"
                            + " (default: standard).")
    private @Nullable String profile;

    public boolean isJson() {
        return json;
    }

    /// Whether the thread that polls drives the device.
    public boolean isPolled() {
        return progress.equalsIgnoreCase("poll");
    }

    public String device() {
        return device;
    }

    /// The provider settings that these options make.
    public Map<String, String> providerOptions() {
        Map<String, String> options = new LinkedHashMap<>();
        options.put("progress", progress);
        options.put("transport", transport);
        if (profile != null) {
            options.put("profile", profile);
        }
        if (pcap != null) {
            options.put("pcap", pcap);
        }
        if (record != null) {
            options.put("record", record);
        }
        return options;
    }

    /// The provider settings for another device of this process: nothing is recorded there, as the
    /// one capture and the one trace, at the first device, have the packets of both.
    public static Map<String, String> withoutRecords(Map<String, String> options) {
        Map<String, String> fewer = new LinkedHashMap<>(options);
        fewer.remove("pcap");
        fewer.remove("record");
        return fewer;
    }

    /// Opens the device.
    ///
    /// @throws org.softverbs.verbs.VerbsException when it cannot be opened, with the reason
    public DeviceContext open() {
        return open(providerOptions());
    }

    /// Opens the device with provider settings of the tool's own.
    public DeviceContext open(Map<String, String> options) {
        return RdmaDevices.open(device, options);
    }

    /// Opens the device as kernel code does, with provider settings of the tool's own.
    ///
    /// @throws org.softverbs.verbs.VerbsException as [#open()]
    public PrivilegedContext openPrivileged(Map<String, String> options) {
        return RdmaDevices.openPrivileged(device, options);
    }
}
