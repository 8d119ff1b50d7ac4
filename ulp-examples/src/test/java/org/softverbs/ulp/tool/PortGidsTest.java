package org.softverbs.ulp.tool;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.InetAddress;
import java.net.NetworkInterface;
import java.net.SocketException;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.softverbs.ulp.demo.DemoTool;
import org.softverbs.verbs.DeviceContext;
import org.softverbs.verbs.RdmaDevices;

class PortGidsTest {

    private static final String IPV6 = "rxe@::1";

    private static void assumeIpv6() throws SocketException {
        assumeTrue(
                NetworkInterface.getByInetAddress(InetAddress.ofLiteral("::1")) != null,
                "this machine has no ::1");
    }

    @Test
    void shouldFindWhatThePortIsAddressedBy() {
        try (DeviceContext context = RdmaDevices.open("rxe@127.6.3.1", Map.of())) {
            assertThat(PortGids.first(context)).isEqualTo(context.gidTable(1).getFirst().gid());
            assertThat(PortGids.at(context, 0)).isEqualTo(context.gidTable(1).getFirst());
            assertThatThrownBy(() -> PortGids.at(context, 7))
                    .isInstanceOf(ToolException.class)
                    .hasMessageStartingWith("GID index 7 is not in the table of ");
        }
    }

    @Test
    void shouldSayWhenThereIsNone() throws SocketException {
        assumeIpv6();
        try (DeviceContext context = RdmaDevices.open(IPV6, Map.of("profile", "IPV6_ABSENT"))) {
            assertThatThrownBy(() -> PortGids.first(context))
                    .isInstanceOf(ToolException.class)
                    .hasMessageEndingWith(" has no GID: nobody can send to it");
            assertThatThrownBy(() -> PortGids.at(context, 0))
                    .isInstanceOf(ToolException.class)
                    .hasMessageEndingWith(", which has 0");
        }
    }

    @Test
    void shouldEndAToolWithOneLineWhenThereIsNone() throws SocketException {
        assumeIpv6();
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        int code =
                new DemoTool()
                        .run(
                                new PrintWriter(out, true),
                                new PrintWriter(err, true),
                                "--device",
                                IPV6,
                                "--peer",
                                "rxe@127.6.3.2",
                                "--profile",
                                "IPV6_ABSENT");
        assertThat(code).isEqualTo(1);
        assertThat(err.toString()).hasLineCount(1).contains(" has no GID: nobody can send to it");
    }
}
