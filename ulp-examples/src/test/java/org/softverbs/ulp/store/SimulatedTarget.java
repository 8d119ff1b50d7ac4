package org.softverbs.ulp.store;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.softverbs.dma.CoherentMemory;
import org.softverbs.ulp.tool.SideChannel;
import org.softverbs.ulp.tool.SideListener;
import org.softverbs.verbs.CompletionQueue;
import org.softverbs.verbs.PrivilegedContext;
import org.softverbs.verbs.PrivilegedDomain;
import org.softverbs.verbs.QueuePair;
import org.softverbs.verbs.QueuePairCapabilities;
import org.softverbs.verbs.QueuePairOptions;
import org.softverbs.verbs.ReceiveWorkRequest;
import org.softverbs.verbs.SendFlag;
import org.softverbs.verbs.SendWorkRequest.RdmaWrite;
import org.softverbs.verbs.Sge;
import org.softverbs.verbs.WorkCompletion;
import org.softverbs.verbs.WorkCompletionStatus;

/// A target on a real device that lets one client in, with an offer of the test's choice, and then
/// does only what the test says.
final class SimulatedTarget implements AutoCloseable {

    private static final int SIZE = 4096;

    private final SideListener listener = new SideListener(0);
    private final CompletableFuture<SideChannel> channel = new CompletableFuture<>();
    private final PrivilegedDomain domain;
    private final CompletionQueue completions;
    private final QueuePair queuePair;
    private final CoherentMemory memory;

    /// @param depth commands under way that it takes
    /// @param maxTransfer bytes of the longest command that it takes
    SimulatedTarget(PrivilegedContext device, int depth, int maxTransfer) {
        domain = device.allocateProtectionDomain();
        completions = device.createCompletionQueue(16);
        queuePair =
                domain.createQueuePair(
                        QueuePairOptions.reliableConnection(
                                completions, new QueuePairCapabilities(4, 4, 1, 1, 0)));
        memory = device.dma().allocateCoherent(SIZE);
        Thread.ofVirtual().start(() -> letIn(depth, maxTransfer));
    }

    int port() {
        return listener.port();
    }

    private void letIn(int depth, int maxTransfer) {
        try {
            SideChannel client = listener.accept().orElseThrow();
            StoreOffer offer = StoreOffer.receive(client);
            StoreLink link = StoreLink.begin(StoreEnd.TARGET, queuePair, Set.of());
            link.connect(offer);
            queuePair.postReceive(new ReceiveWorkRequest(0, List.of(element(0, SIZE / 2))));
            client.send(Arrays.copyOf(offer(link, depth, maxTransfer), 192));
            channel.complete(client);
        } catch (RuntimeException failed) {
            channel.completeExceptionally(failed);
        }
    }

    /// As text, not as a record, which refuses numbers that no store has.
    private byte[] offer(StoreLink link, int depth, int maxTransfer) {
        return "store1 %s %d %d 1024 %d 512 4096 %d"
                .formatted(
                        domain.context().gidTable(1).getFirst().gid().toWireString(),
                        queuePair.number(),
                        link.firstPsn(),
                        depth,
                        maxTransfer)
                .getBytes(StandardCharsets.US_ASCII);
    }

    private Sge element(int offset, int length) {
        return new Sge(memory.deviceSegment().address() + offset, length, domain.localDmaLkey());
    }

    /// Waits for the client's request.
    RequestCapsule awaitRequest() {
        awaitCompletion();
        return RequestCapsule.read(memory.segment().asSlice(0, RequestCapsule.LENGTH));
    }

    /// Lets the client believe that the target is gone.
    void leave() {
        channel.join().close();
    }

    /// Writes a block to where a request wants its data, and waits for the end of that.
    WorkCompletionStatus write(RequestCapsule request, byte value) {
        memory.segment().asSlice(SIZE / 2, 512).fill(value);
        queuePair.postSend(
                new RdmaWrite(
                        1,
                        List.of(element(SIZE / 2, 512)),
                        request.address(),
                        request.remoteKey(),
                        Set.of(SendFlag.SIGNALED)));
        return awaitCompletion().status();
    }

    private WorkCompletion awaitCompletion() {
        List<WorkCompletion> found = new ArrayList<>();
        StoreWorld.until(
                "a completion of the simulated target",
                () -> {
                    found.addAll(completions.poll(1));
                    return !found.isEmpty();
                });
        return found.getFirst();
    }

    @Override
    public void close() {
        listener.close();
        channel.thenAccept(SideChannel::close);
        queuePair.close();
        memory.close();
        completions.close();
        domain.close();
    }
}
