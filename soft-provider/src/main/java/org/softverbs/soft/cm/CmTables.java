package org.softverbs.soft.cm;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.softverbs.cm.PrivateData;
import org.softverbs.verbs.GlobalIdentifier;

/// Where connections and listeners are found. What a peer names is found under that peer's address
/// only, so that nobody can speak of the connections of others.
final class CmTables {

    /// A number of a peer. Comparable, so that a peer who makes hashes collide gains nothing.
    private record RemoteKey(GlobalIdentifier gid, long guid, int number)
            implements Comparable<RemoteKey> {

        static RemoteKey ofId(CmConnection connection) {
            return new RemoteKey(connection.remoteGid, connection.remoteGuid, connection.remoteId);
        }

        static RemoteKey ofQueuePair(CmConnection connection) {
            return new RemoteKey(
                    connection.remoteGid, connection.remoteGuid, connection.remoteQueuePair);
        }

        @Override
        public int compareTo(RemoteKey other) {
            int order = Integer.compare(number, other.number);
            order = order != 0 ? order : Long.compare(guid, other.guid);
            order = order != 0 ? order : Long.compare(gid.low(), other.gid.low());
            return order != 0 ? order : Long.compare(gid.high(), other.gid.high());
        }
    }

    private record ListenKey(long serviceId, Optional<GlobalIdentifier> address) {}

    /// Most addresses that are remembered to have answered.
    private static final int KNOWN_SOURCES = 4_096;

    private final CmIdentity identity;
    private final Map<Integer, CmConnection> byLocalId = new HashMap<>();
    private final Map<RemoteKey, CmConnection> byRemoteId = new HashMap<>();
    private final Map<RemoteKey, CmConnection> byRemoteQueuePair = new HashMap<>();
    private final Map<RemoteKey, CmConnection> byServiceRequest = new HashMap<>();
    private final Map<Integer, CmConnection> byLocalQueuePair = new HashMap<>();
    private final Map<ListenKey, CmListener> listeners = new HashMap<>();
    private final Map<GlobalIdentifier, Integer> halfOpenBySource = new HashMap<>();
    private final Map<GlobalIdentifier, Boolean> knownSources = new LinkedHashMap<>();
    private @Nullable CmConnection oldest;
    private @Nullable CmConnection newest;
    private int listed;

    CmTables(CmIdentity identity) {
        this.identity = identity;
    }

    int connections() {
        return byLocalId.size();
    }

    /// Entries of all tables but those by local ID and of listeners.
    int indexEntries() {
        return byRemoteId.size()
                + byRemoteQueuePair.size()
                + byServiceRequest.size()
                + byLocalQueuePair.size()
                + halfOpenBySource.size()
                + listed;
    }

    List<CmConnection> all() {
        List<CmConnection> all = new ArrayList<>(byLocalId.values());
        all.sort((left, right) -> Integer.compare(left.localId, right.localId));
        return all;
    }

    /// A communication ID that is free and that nobody guesses.
    int newLocalId() {
        int id = identity.randomBits(Integer.SIZE);
        while (id == 0 || byLocalId.containsKey(id)) {
            id = id * 0x0019_660D + 0x3C6E_F35F;
        }
        return id;
    }

    void add(CmConnection connection) {
        byLocalId.put(connection.localId, connection);
    }

    @Nullable CmConnection byLocalId(int id) {
        return byLocalId.get(id);
    }

    @Nullable CmConnection byRemoteId(GlobalIdentifier gid, long guid, int id) {
        return byRemoteId.get(new RemoteKey(gid, guid, id));
    }

    @Nullable CmConnection byRemoteQueuePair(GlobalIdentifier gid, long guid, int number) {
        return byRemoteQueuePair.get(new RemoteKey(gid, guid, number));
    }

    @Nullable CmConnection byServiceRequest(GlobalIdentifier gid, int requestId) {
        return byServiceRequest.get(new RemoteKey(gid, 0, requestId));
    }

    /// The peer's numbers of a connection are known from now on.
    void addRemote(CmConnection connection) {
        byRemoteId.put(RemoteKey.ofId(connection), connection);
        byRemoteQueuePair.put(RemoteKey.ofQueuePair(connection), connection);
    }

    void addServiceRequest(CmConnection exchange) {
        byServiceRequest.put(RemoteKey.ofId(exchange), exchange);
    }

    void forgetRemoteQueuePair(CmConnection connection) {
        byRemoteQueuePair.remove(RemoteKey.ofQueuePair(connection), connection);
    }

    /// The queue pair of this side is known from now on.
    void addLocalQueuePair(CmConnection connection) {
        if (connection.localQueuePair != 0) {
            byLocalQueuePair.put(connection.localQueuePair, connection);
        }
    }

    /// The connection that a queue pair number of this side is taken by.
    @Nullable CmConnection byLocalQueuePair(int queuePair) {
        return byLocalQueuePair.get(queuePair);
    }

    void remove(CmConnection connection) {
        byLocalId.remove(connection.localId);
        byRemoteId.remove(RemoteKey.ofId(connection), connection);
        byServiceRequest.remove(RemoteKey.ofId(connection), connection);
        byLocalQueuePair.remove(connection.localQueuePair, connection);
        forgetRemoteQueuePair(connection);
    }

    /// An address answered what only its owner can have seen.
    void addKnownSource(GlobalIdentifier source) {
        knownSources.remove(source);
        knownSources.put(source, true);
        if (knownSources.size() > KNOWN_SOURCES) {
            knownSources.remove(knownSources.keySet().iterator().next());
        }
    }

    boolean isKnownSource(GlobalIdentifier source) {
        return knownSources.containsKey(source);
    }

    int halfOpen() {
        return listed;
    }

    int halfOpenOf(GlobalIdentifier source) {
        return halfOpenBySource.getOrDefault(source, 0);
    }

    @Nullable CmConnection oldestHalfOpen() {
        return oldest;
    }

    /// Counts a half-open connection to its source, and puts it at the end of those that make room.
    void addHalfOpen(CmConnection connection) {
        halfOpenBySource.merge(connection.remoteGid, 1, Integer::sum);
        connection.listed = true;
        connection.older = newest;
        if (newest == null) {
            oldest = connection;
        } else {
            newest.newer = connection;
        }
        newest = connection;
        listed++;
    }

    void uncount(CmConnection connection) {
        halfOpenBySource.computeIfPresent(
                connection.remoteGid, (gid, count) -> count == 1 ? null : count - 1);
    }

    void unlist(CmConnection connection) {
        if (!connection.listed) {
            return;
        }
        connection.listed = false;
        listed--;
        CmConnection before = connection.older;
        CmConnection after = connection.newer;
        if (before == null) {
            oldest = after;
        } else {
            before.newer = after;
        }
        if (after == null) {
            newest = before;
        } else {
            after.older = before;
        }
        connection.older = null;
        connection.newer = null;
    }

    /// @return whether there was none before
    boolean addListener(CmListener listener) {
        return listeners.putIfAbsent(
                        new ListenKey(listener.serviceId(), listener.address()), listener)
                == null;
    }

    void removeListener(CmListener listener) {
        listeners.remove(new ListenKey(listener.serviceId(), listener.address()), listener);
    }

    void removeListeners() {
        listeners.clear();
    }

    int listeners() {
        return listeners.size();
    }

    /// The listener of a service: that of the address before that of all addresses.
    @Nullable CmListener listener(long serviceId, GlobalIdentifier address) {
        CmListener own = listeners.get(new ListenKey(serviceId, Optional.of(address)));
        return own != null ? own : listeners.get(new ListenKey(serviceId, Optional.empty()));
    }

    /// Bytes of a message as private data.
    static PrivateData data(MemorySegment view) {
        return PrivateData.of(view.toArray(ValueLayout.JAVA_BYTE));
    }
}
