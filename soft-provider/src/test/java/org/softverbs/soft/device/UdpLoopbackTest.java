package org.softverbs.soft.device;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.net.InetAddress;
import java.net.NetworkInterface;
import java.net.SocketException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.softverbs.verbs.DeviceContext;
import org.softverbs.verbs.MemoryRegion;
import org.softverbs.verbs.Mtu;
import org.softverbs.verbs.QueuePair;
import org.softverbs.verbs.RdmaDevice;
import org.softverbs.verbs.RdmaDevices;
import org.softverbs.verbs.ReceiveWorkRequest;
import org.softverbs.verbs.SendFlag;
import org.softverbs.verbs.SendWorkRequest.RdmaRead;
import org.softverbs.verbs.SendWorkRequest.RdmaWrite;
import org.softverbs.verbs.SendWorkRequest.Send;
import org.softverbs.verbs.WorkCompletion;

/// Two devices in one JVM that talk over real UDP sockets on loopback addresses of their own.
class UdpLoopbackTest {

    private static final long DEADLINE_NANOS = Duration.ofSeconds(20).toNanos();
    private static final int LENGTH = 1 << 20;

    @ParameterizedTest
    @CsvSource({
        "auto, poll, 127.1.0.1, 127.1.0.2",
        "auto, loop, 127.1.0.3, 127.1.0.4",
        "nio, poll, 127.1.0.5, 127.1.0.6",
        "nio, loop, 127.1.0.7, 127.1.0.8"
    })
    void shouldCarryEveryKindOfTransfer(
            String transport, String progress, String leftAddress, String rightAddress) {
        Map<String, String> options = Map.of("transport", transport, "progress", progress);
        try (Nodes nodes = new Nodes(leftAddress, options, rightAddress, options)) {
            transferAndVerify(nodes);
        }
    }

    @Test
    void shouldDeliverEverythingThroughALinkThatDoesHarm(@TempDir Path folder) {
        String faults = "drop=0.05,duplicate=0.05,reorder=0.1,corrupt=0.01,delay=0.02";
        Map<String, String> left =
                Map.of(
                        "faults",
                        faults,
                        "seed",
                        "42",
                        "pcap",
                        folder.resolve("left.pcap").toString());
        Map<String, String> right = Map.of("faults", faults, "seed", "43");
        try (Nodes nodes = new Nodes("127.1.0.9", left, "127.1.0.10", right)) {
            transferAndVerify(nodes);
            assertThat(nodes.left.context.counters().get("retransmitted_packets")).isPositive();
            assertThat(nodes.right.context.counters().get("dropped_bad_icrc")).isPositive();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"auto", "nio"})
    void shouldTalkToItselfOverIpv6(String transport) {
        assumeTrue(hasIpv6Loopback(), "this machine has no ::1");
        talkToItself(RdmaDevices.open("rxe@::1", Map.of("transport", transport)));
    }

    @ParameterizedTest
    @ValueSource(strings = {"auto", "nio"})
    void shouldTalkToItselfOverALinkLocalAddress(String transport) {
        Optional<RdmaDevice> device =
                RdmaDevices.list().stream()
                        .filter(listed -> listed.name().startsWith("rxe@fe80:"))
                        .findFirst();
        assumeTrue(device.isPresent(), "this machine has no link-local address");
        String name = device.orElseThrow().name();
        talkToItself(RdmaDevices.open(name, Map.of("transport", transport)));
    }

    private static void talkToItself(DeviceContext context) {
        try (TestNode node = new TestNode(context, 2L * LENGTH)) {
            try (QueuePair other = node.newQueuePair()) {
                Mtu mtu = context.queryPort(1).activeMtu();
                TestNode.connect(node.queuePair, context, other, context, mtu);
                node.fill(3);
                MemoryRegion region = node.region;
                node.queuePair.postSend(
                        new RdmaWrite(
                                9,
                                List.of(region.element(0, LENGTH)),
                                region.address() + LENGTH,
                                region.remoteKey(),
                                EnumSet.of(SendFlag.SIGNALED)));
                assertThat(await(node, node.sends).isSuccess()).isTrue();
                assertThat(
                                region.segment()
                                        .asSlice(0, LENGTH)
                                        .mismatch(region.segment().asSlice(LENGTH, LENGTH)))
                        .isEqualTo(-1);
            }
        }
    }

    private static boolean hasIpv6Loopback() {
        try {
            return NetworkInterface.getByInetAddress(InetAddress.ofLiteral("::1")) != null;
        } catch (SocketException e) {
            return false;
        }
    }

    private static void transferAndVerify(Nodes nodes) {
        nodes.left.fill(5);
        nodes.right.queuePair.postReceive(new ReceiveWorkRequest(1, nodes.right.region.element()));
        nodes.left.queuePair.postSend(
                new Send(1, List.of(nodes.left.region.element()), EnumSet.of(SendFlag.SIGNALED)));
        assertSuccess(nodes);
        assertThat(await(nodes.right, nodes.right.receives).byteLength()).isEqualTo(LENGTH);
        assertSame(nodes);

        nodes.left.fill(6);
        nodes.left.queuePair.postSend(
                new RdmaWrite(
                        2,
                        List.of(nodes.left.region.element()),
                        nodes.right.region.address(),
                        nodes.right.region.remoteKey(),
                        EnumSet.of(SendFlag.SIGNALED)));
        assertSuccess(nodes);
        assertSame(nodes);

        nodes.right.fill(7);
        nodes.left.queuePair.postSend(
                new RdmaRead(
                        3,
                        List.of(nodes.left.region.element()),
                        nodes.right.region.address(),
                        nodes.right.region.remoteKey(),
                        EnumSet.of(SendFlag.SIGNALED)));
        assertSuccess(nodes);
        assertSame(nodes);
    }

    private static void assertSuccess(Nodes nodes) {
        WorkCompletion completion = await(nodes.left, nodes.left.sends);
        assertThat(completion.isSuccess())
                .as(
                        "%s, left %s, right %s",
                        completion, nodes.left.context.counters(), nodes.right.context.counters())
                .isTrue();
    }

    private static void assertSame(Nodes nodes) {
        MemoryRegion left = nodes.left.region;
        MemoryRegion right = nodes.right.region;
        assertThat(left.segment().mismatch(right.segment())).isEqualTo(-1);
    }

    private static WorkCompletion await(TestNode node, org.softverbs.verbs.CompletionQueue queue) {
        long end = System.nanoTime() + DEADLINE_NANOS;
        while (System.nanoTime() < end) {
            List<WorkCompletion> completions = queue.poll(1);
            if (!completions.isEmpty()) {
                return completions.getFirst();
            }
            Thread.onSpinWait();
        }
        throw new AssertionError("no completion; counters " + node.context.counters());
    }

    /// Two connected nodes that are closed in the right order.
    private static final class Nodes implements AutoCloseable {

        final TestNode left;
        final TestNode right;

        Nodes(
                String leftAddress,
                Map<String, String> leftOptions,
                String rightAddress,
                Map<String, String> rightOptions) {
            left = new TestNode(open(leftAddress, leftOptions), LENGTH);
            right = new TestNode(open(rightAddress, rightOptions), LENGTH);
            TestNode.connect(left, right, Mtu.MTU_4096);
        }

        private static DeviceContext open(String address, Map<String, String> options) {
            return RdmaDevices.open("rxe@" + address, options);
        }

        @Override
        public void close() {
            left.close();
            right.close();
        }
    }
}
