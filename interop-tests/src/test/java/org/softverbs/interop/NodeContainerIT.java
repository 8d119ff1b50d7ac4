package org.softverbs.interop;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// A node's container has what our program needs, and reaches the guest.
@InteropTest
class NodeContainerIT {

    @Test
    void shouldRunTheJdkThatRunsTheTests(NodeContainer node) {
        String version = node.exec(node.java("-version")).requireSuccess().stderr();
        assertThat(version).contains("\"" + Runtime.version().feature());
    }

    @Test
    void shouldSeeTheClassPathOfTheTests(NodeContainer node) {
        node.exec(node.java("org.softverbs.interop.Greeting", "lab")).requireSuccess();
        assertThat(node.exec(node.java("org.softverbs.interop.Greeting", "lab")).stdout())
                .isEqualTo("hello lab\n");
    }

    @ParameterizedTest
    @ValueSource(ints = {1500, LabNetwork.LINK_MTU})
    void shouldReachTheGuestWithFullFrames(int mtu, NodeContainer node, KernelGuest guest) {
        guest.mtu(mtu);
        node.mtu(mtu);
        LabCommand server = guest.startShell("nc -l -p 7200 | md5sum");
        server.awaitReady(ReadyWhen.listening(7200));
        String bytes = "head -c 300000 /dev/zero";
        node.shell("bash -c '%s > /dev/tcp/%s/7200'".formatted(bytes, guest.address()))
                .requireSuccess();
        assertThat(server.await(LabHost.QUICK).stdout())
                .isEqualTo(node.shell(bytes + " | md5sum").stdout());
    }

    @Test
    void shouldReachTheGuestOverIpv6(NodeContainer node, KernelGuest guest) {
        LabCommand server = guest.startShell("nc -l -p 7201");
        server.awaitReady(ReadyWhen.listening(7201));
        node.shell("echo hello | socat - 'TCP6:[%s]:7201'".formatted(guest.address6()))
                .requireSuccess();
        assertThat(server.await(LabHost.QUICK).stdout()).isEqualTo("hello\n");
    }
}
