package org.softverbs.ulp.store;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.Set;
import org.softverbs.ulp.tool.SideChannel;
import org.softverbs.verbs.AccessFlag;
import org.softverbs.verbs.CompletionQueue;
import org.softverbs.verbs.DeviceContext;
import org.softverbs.verbs.MemoryRegion;
import org.softverbs.verbs.ProtectionDomain;
import org.softverbs.verbs.QueuePair;
import org.softverbs.verbs.QueuePairCapabilities;
import org.softverbs.verbs.QueuePairOptions;
import org.softverbs.verbs.ReceiveWorkRequest;
import org.softverbs.verbs.SendCursor;
import org.softverbs.verbs.WorkCompletion;

/// A client that sends commands as another does, but takes no response before the test says so.
final class UnreadyClient implements AutoCloseable {

    private static final int REQUESTS = 256;
    private static final Set<AccessFlag> ACCESS =
            Set.of(AccessFlag.LOCAL_WRITE, AccessFlag.REMOTE_READ, AccessFlag.REMOTE_WRITE);

    private final ProtectionDomain domain;
    private final CompletionQueue completions;
    private final QueuePair queuePair;
    private final MemoryRegion data;
    private final SideChannel channel;
    private final SendCursor sends;
    private final MemorySegment request = Arena.ofAuto().allocate(RequestCapsule.LENGTH);

    UnreadyClient(DeviceContext device, SideChannel channel, int depth, int length) {
        this.channel = channel;
        domain = device.allocateProtectionDomain();
        completions = device.createCompletionQueue(2 * REQUESTS);
        queuePair =
                domain.createQueuePair(
                        QueuePairOptions.reliableConnection(
                                completions,
                                new QueuePairCapabilities(
                                        REQUESTS, REQUESTS, 1, 1, RequestCapsule.LENGTH)));
        data = domain.registerMemory(Arena.ofAuto().allocate(length, 4096), ACCESS);
        sends = queuePair.sendCursor();
        StoreLink link =
                StoreLink.begin(
                        StoreEnd.CLIENT,
                        queuePair,
                        Set.of(AccessFlag.REMOTE_READ, AccessFlag.REMOTE_WRITE));
        link.offer(depth, new StoreGeometry(512, 1), 512).send(channel);
        link.connect(StoreOffer.receive(channel));
    }

    /// Sends a READ of the first blocks, as long as its memory.
    void read(int identifier) {
        int length = (int) data.length();
        new RequestCapsule(
                        StoreCommand.READ.opcode(),
                        identifier,
                        length / 512,
                        0,
                        data.address(),
                        length,
                        data.remoteKey())
                .write(request);
        sends.send(identifier).inlineData(request, 0, RequestCapsule.LENGTH).signaled().post();
    }

    /// Takes one response, into its data.
    void takeResponse() {
        queuePair.postReceive(
                new ReceiveWorkRequest(0, List.of(data.element(0, ResponseCapsule.LENGTH))));
    }

    List<WorkCompletion> poll() {
        return completions.poll(REQUESTS);
    }

    @Override
    public void close() {
        channel.close();
        queuePair.close();
        data.close();
        completions.close();
        domain.close();
    }
}
