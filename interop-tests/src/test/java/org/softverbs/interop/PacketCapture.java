package org.softverbs.interop;

import java.nio.file.Path;
import java.time.Duration;

/// RoCE packets of one host, written to a pcap file while this is open.
final class PacketCapture implements AutoCloseable {

    private static final Duration FLUSH_PATIENCE = Duration.ofSeconds(10);

    private final Path file;
    private final LabCommand tcpdump;

    PacketCapture(LabHost host, LabAgent agent, String networkInterface, String fileName) {
        this.file = host.share().resolve(fileName);
        // As the container names the file: the shared folder has the same place in each of them.
        String script =
                "exec tcpdump -U -n -s 0 -Z root -i %s -w /run/lab/share/%s udp port 4791 2>&1"
                        .formatted(networkInterface, fileName);
        this.tcpdump = new LabCommand(host, agent, script);
        tcpdump.awaitReady(ReadyWhen.prints("listening on"));
    }

    /// Ends the capture and returns the finished file.
    Path finish() {
        close();
        return file;
    }

    @Override
    public void close() {
        if (tcpdump.isRunning()) {
            tcpdump.signal("INT");
            tcpdump.await(FLUSH_PATIENCE).requireSuccess();
        }
    }
}
