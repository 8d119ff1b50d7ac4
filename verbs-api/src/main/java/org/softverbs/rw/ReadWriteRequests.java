package org.softverbs.rw;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.softverbs.dma.DmaDirection;
import org.softverbs.verbs.AccessFlag;
import org.softverbs.verbs.FastRegion;
import org.softverbs.verbs.SendFlag;
import org.softverbs.verbs.SendWorkRequest;
import org.softverbs.verbs.SendWorkRequest.LocalInvalidate;
import org.softverbs.verbs.SendWorkRequest.RdmaRead;
import org.softverbs.verbs.SendWorkRequest.RdmaReadWithInvalidate;
import org.softverbs.verbs.SendWorkRequest.RdmaWrite;
import org.softverbs.verbs.SendWorkRequest.RegisterMemory;
import org.softverbs.verbs.Sge;

/// Builds the requests of one I/O, one behind the other in the peer's memory.
final class ReadWriteRequests {

    private final ReadWriteLimits limits;
    private final boolean read;
    private final long id;
    private final int remoteKey;
    private final List<SendWorkRequest> requests = new ArrayList<>();
    private long remoteAddress;

    ReadWriteRequests(
            ReadWriteLimits limits,
            DmaDirection direction,
            long id,
            long remoteAddress,
            int remoteKey) {
        this.limits = limits;
        this.read = direction == DmaDirection.FROM_DEVICE;
        this.id = id;
        this.remoteAddress = remoteAddress;
        this.remoteKey = remoteKey;
    }

    /// Adds elements, as many to a request as it takes.
    void addElements(List<Sge> elements) {
        int most = limits.elementsPerRequest(read);
        List<Sge> part = new ArrayList<>();
        long length = 0;
        for (Sge element : elements) {
            boolean full =
                    part.size() == most || length + element.lengthAsLong() > limits.maxMessage();
            if (full && !part.isEmpty()) {
                addOperation(part, length);
                part = new ArrayList<>();
                length = 0;
            }
            part.add(element);
            length += element.lengthAsLong();
        }
        addOperation(part, length);
    }

    /// Adds the registration of a region, under its next key, and the operation on it. The region
    /// itself knows whether the one before must be ended first.
    void addRegistered(FastRegion region) {
        region.validKey()
                .ifPresent(valid -> requests.add(new LocalInvalidate(id, valid, Set.of())));
        int key = region.incrementKey();
        requests.add(new RegisterMemory(id, region, key, access(), Set.of()));
        Sge element = region.element(0, region.length());
        if (endsRegistration()) {
            addReadWithInvalidate(element, key);
        } else {
            addOperation(List.of(element), region.length());
        }
    }

    private boolean endsRegistration() {
        return read && limits.readNeedsRegistration();
    }

    private Set<AccessFlag> access() {
        return limits.readNeedsRegistration()
                ? Set.of(AccessFlag.LOCAL_WRITE, AccessFlag.REMOTE_WRITE)
                : Set.of(AccessFlag.LOCAL_WRITE);
    }

    private void addReadWithInvalidate(Sge element, int key) {
        requests.add(
                new RdmaReadWithInvalidate(
                        id, List.of(element), remoteAddress, remoteKey, key, Set.of()));
        remoteAddress += element.lengthAsLong();
    }

    private void addOperation(List<Sge> elements, long length) {
        requests.add(
                read
                        ? new RdmaRead(id, elements, remoteAddress, remoteKey, Set.of())
                        : new RdmaWrite(id, elements, remoteAddress, remoteKey, Set.of()));
        remoteAddress += length;
    }

    /// All of them.
    ///
    /// @param lastFlags of the last, an operation
    List<SendWorkRequest> build(Set<SendFlag> lastFlags) {
        SendWorkRequest last = requests.removeLast();
        requests.add(withFlags(last, lastFlags));
        return requests;
    }

    private static SendWorkRequest withFlags(SendWorkRequest request, Set<SendFlag> flags) {
        return switch (request) {
            case RdmaRead it ->
                    new RdmaRead(it.id(), it.elements(), it.remoteAddress(), it.remoteKey(), flags);
            case RdmaWrite it ->
                    new RdmaWrite(
                            it.id(), it.elements(), it.remoteAddress(), it.remoteKey(), flags);
            case RdmaReadWithInvalidate it ->
                    new RdmaReadWithInvalidate(
                            it.id(),
                            it.elements(),
                            it.remoteAddress(),
                            it.remoteKey(),
                            it.invalidateKey(),
                            flags);
            default -> throw new IllegalStateException("an I/O ends with " + request);
        };
    }
}
