package org.softverbs.ulp.rdmacm;

import java.lang.foreign.Arena;
import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.softverbs.cm.ConnectionEndpoint;
import org.softverbs.ulp.tool.ToolException;
import org.softverbs.verbs.MemoryRegion;
import org.softverbs.verbs.QueuePairCapabilities;
import org.softverbs.verbs.WorkCompletion;
import org.softverbs.verbs.WorkCompletionStatus;

/// A message of 16 bytes each way, over an endpoint with a queue pair.
final class SmallMessages implements AutoCloseable {

    static final QueuePairCapabilities CAPABILITIES = new QueuePairCapabilities(1, 1, 1, 1, 16);

    private static final int LENGTH = 16;
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private final ConnectionEndpoint endpoint;
    private @Nullable MemoryRegion region;

    SmallMessages(ConnectionEndpoint endpoint) {
        this.endpoint = endpoint;
    }

    /// The message that comes, then the one that goes.
    private MemoryRegion region() {
        MemoryRegion present = region;
        if (present == null) {
            present = endpoint.registerMessages(Arena.ofAuto().allocate(LENGTH * 2));
            region = present;
        }
        return present;
    }

    void postReceive() {
        endpoint.postReceive(0, region().element(0, LENGTH));
    }

    void awaitReceive() throws InterruptedException {
        require(endpoint.awaitReceive(PATIENCE), "message of the peer");
    }

    void send() throws InterruptedException {
        endpoint.postSend(0, region().element(LENGTH, LENGTH));
        require(endpoint.awaitSend(PATIENCE), "acknowledgement");
    }

    /// Sends the last message. A peer that has it may end the connection before it acknowledges.
    void sendLast() throws InterruptedException {
        endpoint.postSend(0, region().element(LENGTH, LENGTH));
        Optional<WorkCompletion> completion = endpoint.awaitSend(PATIENCE);
        if (completion.map(WorkCompletion::status).orElse(null)
                != WorkCompletionStatus.WR_FLUSH_ERR) {
            require(completion, "acknowledgement");
        }
    }

    private static void require(Optional<WorkCompletion> completion, String what) {
        WorkCompletion found =
                completion.orElseThrow(
                        () ->
                                new ToolException(
                                        "no " + what + " in " + PATIENCE.toSeconds() + " seconds"));
        if (!found.isSuccess()) {
            throw new ToolException(found.explain().line());
        }
    }

    @Override
    public void close() {
        MemoryRegion present = region;
        if (present != null) {
            present.close();
        }
    }
}
