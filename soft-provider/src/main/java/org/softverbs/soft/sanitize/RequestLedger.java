package org.softverbs.soft.sanitize;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.softverbs.dma.AddressSpace;
import org.softverbs.sanitizer.Finding;
import org.softverbs.soft.sanitize.PostedRequest.Element;

/// Requests that are under way, and the device's addresses that they name: by the local DMA key, or
/// by the key of a fast registration.
///
/// Guarded by the lock of the host's sanitizer.
public final class RequestLedger {

    private static final int VARIANT_BITS = 8;

    private record Queue(int queuePair, boolean isReceive) {}

    private final DeviceLedger ledger;
    private final Map<Queue, ArrayDeque<PostedRequest>> underWay = new HashMap<>();
    private final Set<Integer> localDmaKeys = new HashSet<>();

    /// By the index of a region's keys; also of registrations that have not had their turn.
    private final Map<Integer, RegionKeys> registrations = new HashMap<>();

    /// Counts requests in the order in which they were posted, of all queues.
    private long nextSequence;

    RequestLedger(DeviceLedger ledger) {
        this.ledger = ledger;
    }

    /// A key by which a request names the device's own addresses.
    public void localDmaKey(int key) {
        synchronized (ledger.lock()) {
            localDmaKeys.add(key);
        }
    }

    /// Begins to describe a request.
    public PostedRequest request(int queuePair, boolean isReceive, long id, boolean deviceWrites) {
        return new PostedRequest(
                queuePair, isReceive, id, deviceWrites, ledger.sanitizer().reporter().here());
    }

    /// A request is about to be posted, and will be if this returns.
    ///
    /// @param position in its queue, which counts up for ever
    /// @param capacity of its queue: what is so far back has ended
    public void posted(PostedRequest request, long position, int capacity) {
        synchronized (ledger.lock()) {
            request.settle(position, nextSequence, this);
            ended(request.queuePair(), request.isReceive(), position - capacity);
            underWay.values().forEach(queue -> queue.forEach(it -> checkShared(request, it)));
            underWay.values().forEach(queue -> queue.forEach(request::noteOverlap));
            KeyedRanges registered = request.registered();
            if (!registered.ranges().isEmpty()) {
                RegionKeys region =
                        RegionKeys.orNone(registrations.get(registered.key() >>> VARIANT_BITS))
                                .with(registered, nextSequence);
                checkKey(region, registered);
                registrations.put(registered.key() >>> VARIANT_BITS, region);
            }
            nextSequence++;
            underWay.computeIfAbsent(
                            new Queue(request.queuePair(), request.isReceive()),
                            any -> new ArrayDeque<>())
                    .add(request);
        }
    }

    /// Requests are about to be posted to one queue, all of them if this returns, else none.
    ///
    /// @param position of the first
    public void postedAll(List<PostedRequest> requests, long position, int capacity) {
        synchronized (ledger.lock()) {
            Map<Integer, RegionKeys> before = Map.copyOf(registrations);
            long at = position;
            try {
                for (PostedRequest request : requests) {
                    posted(request, at, capacity);
                    at++;
                }
            } catch (RuntimeException | Error reported) {
                underWay.values().forEach(queue -> queue.removeAll(requests));
                registrations.clear();
                registrations.putAll(before);
                throw reported;
            }
        }
    }

    private void checkKey(RegionKeys region, KeyedRanges registered) {
        underWay.values().stream()
                .flatMap(ArrayDeque::stream)
                .filter(it -> it.hasElementOf(registered.key()))
                .filter(it -> region.isOlder(registered.key(), it.sequence()))
                .findFirst()
                .ifPresent(stale -> ledger.keyChecks().cameBack(stale, registered));
    }

    /// A registration had its turn: its request does nothing more with what it opened.
    void granted(int queuePair, int key) {
        queue(queuePair, false).stream()
                .filter(it -> it.isWaitingToRegister(key))
                .findFirst()
                .ifPresent(PostedRequest::registrationGranted);
    }

    private void checkShared(PostedRequest request, PostedRequest other) {
        if (request.mayShareWith(other)) {
            return;
        }
        for (Element element : request.elements()) {
            if (isSharedWith(element, other)) {
                ledger.liveAt(element.address(), element.length()).stream()
                        .findFirst()
                        .ifPresent(mapping -> report(mapping, element, "is named by " + other));
            }
        }
    }

    private boolean isSharedWith(Element element, PostedRequest other) {
        return other.elements().stream()
                .filter(it -> it.overlaps(element.address(), element.length()))
                .anyMatch(it -> !isMappedForEach(element, it));
    }

    /// Without an IOMMU all mappings of a page have the same address: each may have its own.
    private boolean isMappedForEach(Element one, Element other) {
        Set<TrackedMapping> ofOne = covering(one);
        Set<TrackedMapping> ofOther = covering(other);
        Set<TrackedMapping> all = new HashSet<>(ofOne);
        all.addAll(ofOther);
        return !ofOne.isEmpty() && !ofOther.isEmpty() && all.size() > 1;
    }

    private Set<TrackedMapping> covering(Element element) {
        return ledger.liveAt(element.address(), 1).stream()
                .filter(it -> it.runFrom(it.offsetOf(element.address())) >= element.length())
                .collect(Collectors.toSet());
    }

    private void report(TrackedMapping mapping, Element element, String detail) {
        ledger.report(
                Finding.UNMAP_BEFORE_COMPLETION,
                mapping.space(),
                element.address(),
                element.length(),
                mapping,
                "what a request names " + detail);
    }

    /// The device's addresses that an element names.
    List<Element> behind(int key, long address, long length) {
        if (length == 0) {
            return List.of();
        }
        if (localDmaKeys.contains(key)) {
            return List.of(new Element(address, length));
        }
        KeyedRanges registered = newestRegistration(key);
        return registered.key() == key ? registered.behind(address, length) : List.of();
    }

    private KeyedRanges newestRegistration(int key) {
        return RegionKeys.orNone(registrations.get(key >>> VARIANT_BITS)).newest();
    }

    /// The mapping at an address of a key, if there is one; of a key of a region that it has no
    /// more, that of the region's beginning.
    @Nullable TrackedMapping mappingBehind(int key, long address) {
        List<Element> elements = behind(key, address, 1);
        if (elements.isEmpty()) {
            elements = newestRegistration(key).all();
        }
        for (Element element : elements) {
            List<TrackedMapping> live = ledger.liveAt(element.address(), 1);
            if (!live.isEmpty()) {
                return live.getFirst();
            }
        }
        return null;
    }

    /// The oldest request under way of a queue pair that uses a key.
    Optional<PostedRequest> using(int queuePair, int key, long address) {
        for (boolean isReceive : new boolean[] {false, true}) {
            for (PostedRequest request : queue(queuePair, isReceive)) {
                if (request.uses(key, address)) {
                    return Optional.of(request);
                }
            }
        }
        return Optional.empty();
    }

    private ArrayDeque<PostedRequest> queue(int queuePair, boolean isReceive) {
        return underWay.getOrDefault(new Queue(queuePair, isReceive), new ArrayDeque<>());
    }

    /// A completion was taken: it covers all requests before it in its queue.
    public void completed(int queuePair, boolean isReceive, long position) {
        synchronized (ledger.lock()) {
            Steps.forEach(ended(queuePair, isReceive, position), this::checkUnchanged);
        }
    }

    /// A completion was taken that covers no other request: of a queue whose requests end in any
    /// order.
    public void completedAlone(int queue, boolean isReceive, long position) {
        synchronized (ledger.lock()) {
            queue(queue, isReceive).removeIf(it -> it.position() == position);
        }
    }

    private List<PostedRequest> ended(int queuePair, boolean isReceive, long position) {
        List<PostedRequest> ended = new ArrayList<>();
        ArrayDeque<PostedRequest> queue = queue(queuePair, isReceive);
        while (!queue.isEmpty() && queue.getFirst().position() <= position) {
            ended.add(queue.removeFirst());
        }
        return ended;
    }

    private void checkUnchanged(PostedRequest request) {
        request.changed()
                .ifPresent(
                        it ->
                                ledger.reportAt(
                                        Finding.SEND_BUFFER_CHANGED,
                                        AddressSpace.USER,
                                        it.address(),
                                        it.bytes().byteSize(),
                                        null,
                                        "its bytes are not those that were posted: " + request,
                                        request.site()));
    }

    /// A queue pair was reset or closed.
    public void dropped(int queuePair) {
        synchronized (ledger.lock()) {
            underWay.remove(new Queue(queuePair, false));
            underWay.remove(new Queue(queuePair, true));
        }
    }

    /// A key was given up with its memory.
    void removed(int key) {
        registrations.remove(key >>> VARIANT_BITS);
    }

    /// A mapping is about to end.
    void unmapped(TrackedMapping mapping) {
        Map<PostedRequest, Element> orphans = new LinkedHashMap<>();
        for (ArrayDeque<PostedRequest> queue : underWay.values()) {
            for (PostedRequest request : queue) {
                request.elements().stream()
                        .filter(it -> isNamed(mapping, it) && !isMappedBesides(mapping, it))
                        .findFirst()
                        .ifPresent(element -> orphans.put(request, element));
            }
        }
        orphans.keySet().forEach(PostedRequest::orphan);
        Steps.forEach(
                orphans.entrySet(),
                it ->
                        report(
                                mapping,
                                it.getValue(),
                                "is unmapped before its completion: " + it.getKey()));
    }

    private static boolean isNamed(TrackedMapping mapping, Element element) {
        return mapping.segments().stream()
                .anyMatch(it -> element.overlaps(it.address(), it.length()));
    }

    /// Without an IOMMU all mappings of a page have the same address: the request may be another's.
    private boolean isMappedBesides(TrackedMapping mapping, Element element) {
        return covering(element).stream().anyMatch(it -> !it.equals(mapping));
    }

    /// A mapping was made.
    void mapped(TrackedMapping mapping) {
        for (ArrayDeque<PostedRequest> queue : underWay.values()) {
            for (PostedRequest request : queue) {
                boolean reused =
                        request.isOrphan()
                                && mapping.segments().stream()
                                        .anyMatch(it -> request.names(it.address(), it.length()));
                if (reused) {
                    ledger.report(
                            Finding.ADDRESS_REUSED,
                            mapping.space(),
                            mapping.address(),
                            mapping.length(),
                            mapping,
                            "its address is still named by " + request);
                }
            }
        }
    }
}
