package org.softverbs.soft.explain;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.softverbs.dma.DmaAddressing;
import org.softverbs.soft.device.DeviceLimits;
import org.softverbs.soft.device.DeviceOwner;
import org.softverbs.soft.device.ProgressMode;
import org.softverbs.soft.device.SoftPrivilegedDevice;
import org.softverbs.soft.dma.DmaAttachment;
import org.softverbs.soft.dma.DmaSettings;
import org.softverbs.soft.host.Host;
import org.softverbs.soft.link.InProcessNetwork;
import org.softverbs.verbs.AccessFlag;
import org.softverbs.verbs.AddressVector;
import org.softverbs.verbs.CompletionQueue;
import org.softverbs.verbs.GlobalIdentifier;
import org.softverbs.verbs.MemoryRegion;
import org.softverbs.verbs.Mtu;
import org.softverbs.verbs.ProtectionDomain;
import org.softverbs.verbs.QueuePair;
import org.softverbs.verbs.QueuePairAttributes;
import org.softverbs.verbs.QueuePairCapabilities;
import org.softverbs.verbs.QueuePairOptions;
import org.softverbs.verbs.RdmaDevice;
import org.softverbs.verbs.SendWorkRequest;
import org.softverbs.verbs.WorkCompletion;

/// Two devices of one host, connected inside the JVM and driven by hand: the one to be explained,
/// and a peer with memory.
final class SampleConnection implements AutoCloseable {

    private static final int INTERFACE_MTU = 9000;
    private static final int REQUESTS = 16_384;
    private static final int PSN = 1;
    private static final long FIRST_ADDRESS = 0xffff_0a4d_0000L;
    private static final int IDLE_ROUNDS = 3;
    private static final Set<AccessFlag> ACCESS =
            EnumSet.of(AccessFlag.LOCAL_WRITE, AccessFlag.REMOTE_READ, AccessFlag.REMOTE_WRITE);

    private final DeviceOwner owner;
    private final Arena arena = Arena.ofShared();
    private final End near;
    private final End far;
    private final MemoryRegion region;

    /// One of the two devices.
    private record End(
            SoftPrivilegedDevice device,
            ProtectionDomain domain,
            CompletionQueue completions,
            QueuePair queuePair) {

        static End of(SoftPrivilegedDevice device) {
            ProtectionDomain domain = device.allocateProtectionDomain();
            CompletionQueue completions = device.createCompletionQueue(REQUESTS);
            QueuePairCapabilities capabilities =
                    new QueuePairCapabilities(REQUESTS, 1, RwChoice.MOST_SGE, 1, 0);
            return new End(
                    device,
                    domain,
                    completions,
                    domain.createQueuePair(
                            QueuePairOptions.reliableConnection(completions, capabilities)));
        }

        void connect(End peer) {
            AddressVector address = new AddressVector(peer.device.gidTable(1).getFirst().gid(), 0);
            queuePair.modify(QueuePairAttributes.toInit(ACCESS));
            queuePair.modify(
                    QueuePairAttributes.toReadyToReceive(
                            address, peer.queuePair.number(), PSN, Mtu.MTU_4096));
            queuePair.modify(QueuePairAttributes.toReadyToSend(PSN));
        }

        void close() {
            queuePair.close();
            completions.close();
            domain.close();
            device.close();
        }
    }

    /// @param bytes of the peer's memory
    SampleConnection(Host host, DmaAttachment attachment, long bytes) {
        owner = new DeviceOwner(ProgressMode.MANUAL, host.clock());
        InProcessNetwork network = new InProcessNetwork(INTERFACE_MTU);
        near = End.of(open(host, network, 1, attachment));
        DmaSettings plain = DmaSettings.of(DmaAddressing.PHYSICAL);
        far = End.of(open(host, network, 2, DmaAttachment.of(plain, host)));
        region = far.domain.registerMemory(arena.allocate(bytes), ACCESS);
        near.connect(far);
        far.connect(near);
    }

    private SoftPrivilegedDevice open(
            Host host, InProcessNetwork network, int number, DmaAttachment attachment) {
        return SoftPrivilegedDevice.openPrivileged(
                new RdmaDevice("sample" + number, number, "in-process"),
                host,
                network.join(new GlobalIdentifier(0, FIRST_ADDRESS + number)),
                owner,
                DeviceLimits.standard(),
                attachment);
    }

    /// The queue pair of the device to be explained.
    QueuePair queuePair() {
        return near.queuePair;
    }

    long remoteAddress() {
        return region.address();
    }

    int remoteKey() {
        return region.remoteKey();
    }

    void fillPeer(TrialPattern pattern) {
        pattern.fill(region.segment());
    }

    /// @return what is wrong with the peer's memory, if anything is
    Optional<String> comparePeer(TrialPattern pattern) {
        MemorySegment segment = region.segment();
        return pattern.compare(segment, "what the peer was sent");
    }

    /// Posts requests and waits for their completion.
    ///
    /// @return what went wrong, if anything did
    Optional<String> perform(List<SendWorkRequest> requests) {
        near.queuePair.postSend(requests);
        for (int idle = 0; idle < IDLE_ROUNDS; ) {
            idle = owner.progress() == 0 ? idle + 1 : 0;
        }
        List<WorkCompletion> completions = near.completions.poll(REQUESTS);
        if (completions.isEmpty()) {
            return Optional.of("the requests gave no completion");
        }
        WorkCompletion first = completions.getFirst();
        return first.isSuccess()
                ? Optional.empty()
                : Optional.of("a request completed with " + first.status());
    }

    @Override
    public void close() {
        region.close();
        near.close();
        far.close();
        arena.close();
    }
}
