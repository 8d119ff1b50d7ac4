package org.softverbs.interop;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/// Every operation of the demo between two containers with our node, over the container network.
@InteropTest
class DemoIT {

    private static final int DEMO_PORT = 18_516;
    private static final int OPERATIONS = 8;

    @Test
    void shouldVerifyEveryOperation(NodeContainer node, LabNetwork network) {
        try (NodeContainer other = network.startNode("second-node")) {
            LabCommand listener = other.startSoftverbs("demo", "--listen");
            listener.awaitReady(ReadyWhen.listening(DEMO_PORT));
            LabCommand active = node.startSoftverbs("demo", "--json", other.address());
            String report = active.await(StockTool.PATIENCE).requireSuccess().stdout();
            listener.await(StockTool.PATIENCE).requireSuccess();
            assertThat(report.split("\"verified\":true", -1)).hasSize(OPERATIONS + 2);
            assertThat(report).doesNotContain("\"verified\":false");
        }
    }
}
