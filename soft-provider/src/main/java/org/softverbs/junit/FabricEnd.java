package org.softverbs.junit;

import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.softverbs.verbs.AccessFlag;
import org.softverbs.verbs.CompletionQueue;
import org.softverbs.verbs.DeviceContext;
import org.softverbs.verbs.MemoryRegion;
import org.softverbs.verbs.ProtectionDomain;
import org.softverbs.verbs.QueuePair;
import org.softverbs.verbs.QueuePairAttributes;
import org.softverbs.verbs.QueuePairCapabilities;
import org.softverbs.verbs.QueuePairOptions;
import org.softverbs.verbs.QueuePairState;
import org.softverbs.verbs.QueuePairType;
import org.softverbs.verbs.Wait;
import org.softverbs.verbs.WorkCompletion;

/// One end of a connection: a domain, a completion queue for both directions, a queue pair, and
/// memory. All of it is closed with the fabric, unless the test has done so.
public final class FabricEnd {

    private static final int REQUESTS = 256;
    private static final int ELEMENTS = 8;
    private static final int INLINE = 256;
    private static final long ALIGNMENT = 64;
    private static final Set<AccessFlag> ACCESS =
            EnumSet.of(
                    AccessFlag.LOCAL_WRITE,
                    AccessFlag.REMOTE_READ,
                    AccessFlag.REMOTE_WRITE,
                    AccessFlag.REMOTE_ATOMIC);

    private final FabricNodes fabric;
    private final int node;
    private final DeviceContext context;
    private final ProtectionDomain domain;
    private final CompletionQueue completions;
    private final QueuePair queuePair;
    private final List<MemoryRegion> regions = new ArrayList<>();

    FabricEnd(FabricNodes fabric, int node) {
        this.fabric = fabric;
        this.node = node;
        this.context = fabric.node(node);
        this.domain = context.allocateProtectionDomain();
        this.completions = context.createCompletionQueue(2 * REQUESTS);
        this.queuePair =
                domain.createQueuePair(
                        new QueuePairOptions(
                                QueuePairType.RC,
                                completions,
                                completions,
                                new QueuePairCapabilities(
                                        REQUESTS, REQUESTS, ELEMENTS, ELEMENTS, INLINE),
                                false));
        queuePair.modify(QueuePairAttributes.toInit(ACCESS));
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

    /// With 256 requests and receives of 8 elements each, in RTS.
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
        if (queuePair.state() == QueuePairState.RESET) {
            return "node " + node + ": " + queuePair + " is closed";
        }
        String waits =
                queuePair.waitsFor().stream().map(Wait::sentence).collect(Collectors.joining("; "));
        return "node %d: %s in %s, %s%s"
                .formatted(
                        node,
                        queuePair,
                        queuePair.state(),
                        waits.isEmpty() ? "waits for nothing" : "waits for " + waits,
                        queuePair.firstError().map(it -> "; " + it.line()).orElse(""));
    }

    void close() {
        queuePair.close();
        regions.forEach(MemoryRegion::close);
        completions.close();
        domain.close();
    }
}
