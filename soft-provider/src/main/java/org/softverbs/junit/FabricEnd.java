package org.softverbs.junit;

import java.lang.foreign.Arena;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.softverbs.verbs.AccessFlag;
import org.softverbs.verbs.AddressVector;
import org.softverbs.verbs.CompletionQueue;
import org.softverbs.verbs.DatagramDestination;
import org.softverbs.verbs.DeviceContext;
import org.softverbs.verbs.MemoryRegion;
import org.softverbs.verbs.Mtu;
import org.softverbs.verbs.ProtectionDomain;
import org.softverbs.verbs.QueuePair;
import org.softverbs.verbs.QueuePairAttributes;
import org.softverbs.verbs.QueuePairCapabilities;
import org.softverbs.verbs.QueuePairOptions;
import org.softverbs.verbs.QueuePairState;
import org.softverbs.verbs.QueuePairType;
import org.softverbs.verbs.SharedReceiveQueue;
import org.softverbs.verbs.SharedReceiveQueueOptions;
import org.softverbs.verbs.VerbsException;
import org.softverbs.verbs.Wait;
import org.softverbs.verbs.WorkCompletion;

/// One end of a connection: a domain, a completion queue for both directions, a queue pair, and
/// memory. All of it is closed with the fabric, unless the test has done so.
public final class FabricEnd {

    private static final int REQUESTS = 256;
    private static final int ELEMENTS = 8;
    private static final int INLINE = 256;
    private static final long ALIGNMENT = 64;
    private static final int QUEUE_KEY = 0x1234_5678;
    private static final Set<AccessFlag> ACCESS =
            EnumSet.of(
                    AccessFlag.LOCAL_WRITE,
                    AccessFlag.REMOTE_READ,
                    AccessFlag.REMOTE_WRITE,
                    AccessFlag.REMOTE_ATOMIC);

    private final FabricNodes fabric;
    private final int node;
    private final FabricTransport transport;
    private final DeviceContext context;
    private final ProtectionDomain domain;
    private final CompletionQueue completions;
    private final QueuePair queuePair;
    private final List<MemoryRegion> regions = new ArrayList<>();
    private final @Nullable FabricTarget target;
    private @Nullable DatagramDestination destination;

    FabricEnd(FabricNodes fabric, int node, FabricTransport transport) {
        this.fabric = fabric;
        this.node = node;
        this.transport = transport;
        this.context = fabric.node(node);
        Deque<Runnable> undo = new ArrayDeque<>();
        try {
            this.domain = context.allocateProtectionDomain();
            undo.push(domain::close);
            this.completions = context.createCompletionQueue(2 * REQUESTS);
            undo.push(completions::close);
            this.queuePair = domain.createQueuePair(options(transport, completions));
            undo.push(queuePair::close);
            this.target =
                    transport == FabricTransport.XRC
                            ? new FabricTarget(
                                    context,
                                    domain,
                                    completions,
                                    new SharedReceiveQueueOptions(REQUESTS, ELEMENTS, 0),
                                    undo)
                            : null;
            queuePair.modify(initial(transport));
        } catch (VerbsException refused) {
            // The test may go on to see why: nothing of the end is left open.
            undo.forEach(Runnable::run);
            throw refused;
        }
    }

    private static QueuePairOptions options(
            FabricTransport transport, CompletionQueue completions) {
        return new QueuePairOptions(
                typeOf(transport),
                completions,
                completions,
                new QueuePairCapabilities(REQUESTS, REQUESTS, ELEMENTS, ELEMENTS, INLINE),
                false);
    }

    private static QueuePairAttributes initial(FabricTransport transport) {
        return switch (transport) {
            case RC, UC -> QueuePairAttributes.toInit(ACCESS);
            case UD -> QueuePairAttributes.toInitDatagram(QUEUE_KEY);
            case XRC -> QueuePairAttributes.toInit(Set.of());
        };
    }

    private static QueuePairType typeOf(FabricTransport transport) {
        return switch (transport) {
            case RC -> QueuePairType.RC;
            case UC -> QueuePairType.UC;
            case UD -> QueuePairType.UD;
            case XRC -> QueuePairType.XRC_SEND;
        };
    }

    /// Moves to RTR.
    ///
    /// @param psn that the peer begins with
    void readyToReceive(FabricEnd peer, int psn) {
        Mtu mtu = context.queryPort(1).activeMtu();
        AddressVector way = new AddressVector(peer.context.gidTable(1).getFirst().gid(), 0);
        int number = peer.queuePair.number();
        switch (transport) {
            case RC ->
                    queuePair.modify(QueuePairAttributes.toReadyToReceive(way, number, psn, mtu));
            case UC ->
                    queuePair.modify(
                            QueuePairAttributes.toReadyToReceiveUnreliable(way, number, psn, mtu));
            case UD -> {
                queuePair.modify(QueuePairAttributes.to(QueuePairState.RTR));
                destination =
                        new DatagramDestination(domain.createAddressHandle(way), number, QUEUE_KEY);
            }
            case XRC -> {
                target().connect(ACCESS, way, number, psn, mtu);
                queuePair.modify(
                        QueuePairAttributes.toReadyToReceiveUnreliable(
                                way, peer.target().queuePair().number(), psn, mtu));
            }
        }
    }

    private FabricTarget target() {
        FabricTarget own = target;
        if (own == null) {
            throw new IllegalStateException("the fabric needs @Fabric(transport = XRC)");
        }
        return own;
    }

    void readyToSend(QueuePairAttributes attributes) {
        queuePair.modify(attributes);
    }

    /// Where a datagram for the other end goes.
    ///
    /// @throws IllegalStateException when the fabric was not declared with `transport = UD`
    public DatagramDestination destination() {
        DatagramDestination known = destination;
        if (known == null) {
            throw new IllegalStateException("the fabric needs @Fabric(transport = UD)");
        }
        return known;
    }

    /// Where this end's receives are posted, and what the other's requests name
    /// ([org.softverbs.verbs.SendWorkRequest.ToSharedReceiveQueue]). For 256 receives of 8 elements
    /// each; their completions go to [#completions()].
    ///
    /// @throws IllegalStateException when the fabric was not declared with `transport = XRC`
    public SharedReceiveQueue sharedReceiveQueue() {
        return target().receives();
    }

    /// The node that it is at, from 1.
    public int node() {
        return node;
    }

    public DeviceContext context() {
        return context;
    }

    /// A [org.softverbs.verbs.PrivilegedDomain] when the fabric is privileged.
    public ProtectionDomain domain() {
        return domain;
    }

    public CompletionQueue completions() {
        return completions;
    }

    /// With 256 requests and receives of 8 elements each, in RTS. Of an extended reliable
    /// connection it is the initiator, which has no receives.
    public QueuePair queuePair() {
        return queuePair;
    }

    /// Memory of zeros, registered with all rights but that to bind windows.
    public MemoryRegion register(long bytes) {
        MemoryRegion region =
                domain.registerMemory(Arena.ofAuto().allocate(bytes, ALIGNMENT), ACCESS);
        regions.add(region);
        return region;
    }

    /// Waits for the next completion, successful or not, and takes it.
    ///
    /// @throws AssertionError as [FabricNodes#await]
    public WorkCompletion awaitCompletion() {
        return awaitCompletions(1).getFirst();
    }

    /// Waits for so many completions and takes them, in their order.
    ///
    /// @throws AssertionError as [FabricNodes#await]
    public List<WorkCompletion> awaitCompletions(int count) {
        List<WorkCompletion> done = new ArrayList<>();
        fabric.await(
                count + " completions at node " + node,
                () -> {
                    if (done.size() < count) {
                        done.addAll(completions.poll(count - done.size()));
                    }
                    return done.size() == count;
                });
        for (WorkCompletion completion : done) {
            fabric.completed(node, completion);
        }
        return done;
    }

    /// What there is to know when a wait was in vain.
    String describe() {
        String own = describe(queuePair);
        return target == null ? own : own + "\n  " + describe(target.queuePair());
    }

    private String describe(QueuePair each) {
        if (each.state() == QueuePairState.RESET) {
            return "node " + node + ": " + each + " is closed";
        }
        String waits =
                each.waitsFor().stream().map(Wait::sentence).collect(Collectors.joining("; "));
        return "node %d: %s in %s, %s%s"
                .formatted(
                        node,
                        each,
                        each.state(),
                        waits.isEmpty() ? "waits for nothing" : "waits for " + waits,
                        each.firstError().map(it -> "; " + it.line()).orElse(""));
    }

    void close() {
        queuePair.close();
        if (destination != null) {
            destination.handle().close();
        }
        if (target != null) {
            target.close();
        }
        regions.forEach(MemoryRegion::close);
        completions.close();
        domain.close();
    }
}
