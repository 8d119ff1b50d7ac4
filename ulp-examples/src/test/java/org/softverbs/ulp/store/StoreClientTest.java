package org.softverbs.ulp.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.softverbs.ulp.tool.SideChannel;
import org.softverbs.ulp.tool.ToolException;
import org.softverbs.verbs.CompletionQueue;
import org.softverbs.verbs.DeviceContext;
import org.softverbs.verbs.PrivilegedContext;
import org.softverbs.verbs.RdmaDevices;
import org.softverbs.verbs.VerbsException;
import org.softverbs.verbs.WorkCompletionStatus;

/// A client whose target does as it likes.
class StoreClientTest {

    private static final byte EVIL = 0x66;

    private final PrivilegedContext targetDevice =
            RdmaDevices.openPrivileged("rxe@127.4.201.1", Map.of());
    private final DeviceContext clientDevice = RdmaDevices.open("rxe@127.4.201.2");

    @AfterEach
    void close() {
        targetDevice.close();
        // Refused while anything of a client is open.
        assertThatCode(clientDevice::close).doesNotThrowAnyException();
    }

    private StoreClient connect(SimulatedTarget target, int depth) {
        return StoreClient.connect(
                clientDevice, SideChannel.connect("127.0.0.1", target.port()), depth);
    }

    @Test
    void shouldLetNoTargetWriteABufferThatWasGivenBack() {
        try (SimulatedTarget target = new SimulatedTarget(targetDevice, 2, 4096);
                StoreClient client = connect(target, 2)) {
            int buffer = client.take();
            client.submit(buffer, StoreCommand.READ, 0, 1);
            RequestCapsule request = target.awaitRequest();
            assertThat(target.write(request, (byte) 1)).isEqualTo(WorkCompletionStatus.SUCCESS);
            target.leave();
            assertThat(StoreWorld.await(client)).isEqualTo(buffer);
            assertThat(client.status(buffer)).isEqualTo(StoreStatus.ABORTED);
            MemorySegment bytes = client.bytes(buffer);
            assertThat(bytes.get(ValueLayout.JAVA_BYTE, 0)).isEqualTo((byte) 1);
            assertThat(target.write(request, EVIL)).isNotEqualTo(WorkCompletionStatus.SUCCESS);
            assertThat(bytes.get(ValueLayout.JAVA_BYTE, 0)).isEqualTo((byte) 1);
        }
    }

    @ParameterizedTest
    @CsvSource({
        "2, 999999999, longest transfer 999999999 is not within 512 and 16777216",
        "2, 16777217, longest transfer 16777217 is not within",
        "2, 511, longest transfer 511 is not within",
        "2, 0, longest transfer 0 is not within",
        "0, 4096, queue depth 0 is not within 1 and 256",
        "257, 4096, queue depth 257 is not within",
        "256, 16777216, asks for 256 buffers of 16777216 bytes"
    })
    void shouldRefuseAnOfferThatIsOutOfBoundsAndLeaveNothingOpen(
            int depth, int maxTransfer, String reason) {
        try (SimulatedTarget target = new SimulatedTarget(targetDevice, depth, maxTransfer)) {
            assertThatThrownBy(() -> connect(target, 256))
                    .isInstanceOf(ToolException.class)
                    .hasMessageContaining(reason);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 257})
    void shouldRefuseADepthOutOfBounds(int depth) {
        try (SimulatedTarget target = new SimulatedTarget(targetDevice, 2, 4096)) {
            assertThatThrownBy(() -> connect(target, depth))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("depth " + depth);
        }
    }

    @Test
    void shouldLeaveNothingOpenWhenTheDeviceIsAtALimit() {
        List<CompletionQueue> queues = new ArrayList<>();
        for (int i = 0; i < clientDevice.queryDevice().maxCompletionQueues(); i++) {
            queues.add(clientDevice.createCompletionQueue(1));
        }
        try (SimulatedTarget target = new SimulatedTarget(targetDevice, 2, 4096)) {
            assertThatThrownBy(() -> connect(target, 2)).isInstanceOf(VerbsException.class);
        }
        queues.forEach(CompletionQueue::close);
    }
}
