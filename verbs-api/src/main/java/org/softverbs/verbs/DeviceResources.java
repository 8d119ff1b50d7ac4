package org.softverbs.verbs;

import java.util.List;
import java.util.Map;

/// What is open on a device at one moment, and how far it is: for people and programs that look for
/// the reason why something is slow or stuck.
///
/// Tool name: `rdma resource`.
///
/// @param device its name
/// @param protectionDomains in the order in which they were made, as are the others
/// @param completionQueues where completions arrive
/// @param queuePairs with what each waits for
/// @param sharedReceiveQueues receives of several queue pairs
/// @param memoryRegions what is registered
/// @param connectionIds of the connection managers
public record DeviceResources(
        String device,
        List<ProtectionDomainEntry> protectionDomains,
        List<CompletionQueueEntry> completionQueues,
        List<QueuePairEntry> queuePairs,
        List<SharedReceiveQueueEntry> sharedReceiveQueues,
        List<MemoryRegionEntry> memoryRegions,
        List<ConnectionIdEntry> connectionIds) {

    public DeviceResources {
        protectionDomains = List.copyOf(protectionDomains);
        completionQueues = List.copyOf(completionQueues);
        queuePairs = List.copyOf(queuePairs);
        sharedReceiveQueues = List.copyOf(sharedReceiveQueues);
        memoryRegions = List.copyOf(memoryRegions);
        connectionIds = List.copyOf(connectionIds);
    }

    /// A protection domain.
    ///
    /// @param number among the objects of the device
    /// @param users objects that were made of it and are open
    public record ProtectionDomainEntry(int number, int users) {}

    /// A completion queue.
    ///
    /// @param number among the objects of the device
    /// @param entries completions it holds
    /// @param empty whether all completions were taken
    /// @param lost completions that found no room
    /// @param users queue pairs and shared receive queues
    public record CompletionQueueEntry(
            int number, int entries, boolean empty, long lost, int users) {}

    /// A queue pair.
    ///
    /// @param number 24 bits
    /// @param type its transport service
    /// @param state as [QueuePairState]
    /// @param protectionDomain number of its domain
    /// @param sendCompletionQueue number of the queue
    /// @param receiveCompletionQueue number of the queue
    /// @param peer GID of the peer; empty of a queue pair that has none
    /// @param peerNumber queue pair number of the peer, or 0
    /// @param sendPsn PSN of the next request, or -1 in a state that does not send
    /// @param receivePsn PSN that the next request of the peer must have, or -1
    /// @param sends send requests that are posted and not complete
    /// @param sendCapacity most of them
    /// @param receives receives that are posted and not taken; of a shared queue those in it
    /// @param waitsFor what it waits for now, a sentence for each
    /// @param firstError why it failed first; empty when it did not
    /// @param counters what it counted, without zeros
    public record QueuePairEntry(
            int number,
            String type,
            String state,
            int protectionDomain,
            int sendCompletionQueue,
            int receiveCompletionQueue,
            String peer,
            int peerNumber,
            int sendPsn,
            int receivePsn,
            long sends,
            int sendCapacity,
            long receives,
            List<String> waitsFor,
            String firstError,
            Map<String, Long> counters) {

        public QueuePairEntry {
            waitsFor = List.copyOf(waitsFor);
            counters = Map.copyOf(counters);
        }
    }

    /// A shared receive queue.
    ///
    /// @param number among the objects of the device
    /// @param protectionDomain number of its domain
    /// @param receives receives in it
    /// @param capacity most of them
    /// @param limit below which it tells, 0 for never
    /// @param users queue pairs
    public record SharedReceiveQueueEntry(
            int number, int protectionDomain, int receives, int capacity, int limit, int users) {}

    /// A registration of memory.
    ///
    /// @param localKey its local key
    /// @param remoteKey its remote key
    /// @param address where it begins, as keys have it
    /// @param length bytes
    /// @param access rights, in the names of [AccessFlag]
    /// @param protectionDomain number of its domain
    public record MemoryRegionEntry(
            int localKey,
            int remoteKey,
            long address,
            long length,
            List<String> access,
            int protectionDomain) {

        public MemoryRegionEntry {
            access = List.copyOf(access);
        }
    }

    /// An ID of a connection manager.
    ///
    /// @param portSpace TCP, UDP or IB
    /// @param state what it is in the middle of
    /// @param local its own address and port; empty when it is not bound
    /// @param peer the peer's; empty when there is none
    /// @param queuePair number of the queue pair that was made with it, or 0
    public record ConnectionIdEntry(
            String portSpace, String state, String local, String peer, int queuePair) {}
}
