package org.softverbs.wrong;

import java.lang.foreign.Arena;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.softverbs.verbs.AccessFlag;
import org.softverbs.verbs.CompletionQueue;
import org.softverbs.verbs.GlobalIdentifier;
import org.softverbs.verbs.MemoryRegion;
import org.softverbs.verbs.PrivilegedContext;
import org.softverbs.verbs.ProtectionDomain;
import org.softverbs.verbs.QueuePair;
import org.softverbs.verbs.QueuePairCapabilities;
import org.softverbs.verbs.QueuePairOptions;
import org.softverbs.verbs.RdmaDevices;
import org.softverbs.verbs.ReceiveWorkRequest;
import org.softverbs.verbs.WorkCompletion;

/// One end of a connection: a device with the sanitizer and the watchdog on, and a queue pair with
/// one completion queue.
final class UlpEnd implements AutoCloseable {

    static final int BYTES = 8192;
    static final int REQUESTS = 16;
    static final int INLINE = 64;
    static final Set<AccessFlag> ALL_ACCESS =
            EnumSet.of(
                    AccessFlag.LOCAL_WRITE,
                    AccessFlag.REMOTE_READ,
                    AccessFlag.REMOTE_WRITE,
                    AccessFlag.REMOTE_ATOMIC);

    final PrivilegedContext context;
    final ProtectionDomain domain;
    final CompletionQueue queue;
    final MemoryRegion region;
    final QueuePair queuePair;

    UlpEnd(String address, int entries) {
        context =
                RdmaDevices.openPrivileged(
                        "rxe@" + address,
                        Map.of("transport", "nio", "sanitizer", "on", "watchdog", "1"));
        domain = context.allocateProtectionDomain();
        queue = context.createCompletionQueue(entries);
        region = register(domain, ALL_ACCESS);
        queuePair =
                domain.createQueuePair(
                        QueuePairOptions.reliableConnection(
                                queue,
                                new QueuePairCapabilities(REQUESTS, REQUESTS, 2, 2, INLINE)));
    }

    static MemoryRegion register(ProtectionDomain domain, Set<AccessFlag> access) {
        return domain.registerMemory(Arena.ofAuto().allocate(BYTES, 64), access);
    }

    GlobalIdentifier gid() {
        return context.gidTable(1).getFirst().gid();
    }

    void receive(long id, long bytes) {
        queuePair.postReceive(new ReceiveWorkRequest(id, List.of(region.element(0, bytes))));
    }

    List<WorkCompletion> poll() {
        return queue.poll(REQUESTS);
    }

    long stuck() {
        return context.counters().getOrDefault("stuck_queue_pairs", -1L);
    }

    @Override
    public void close() {
        queuePair.close();
        region.close();
        queue.close();
        domain.close();
        context.close();
    }
}
