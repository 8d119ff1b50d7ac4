package org.softverbs.soft.sanitize;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.softverbs.sanitizer.CallSite;
import org.softverbs.sanitizer.Finding;

/// Requests of send queues that are under way, and the device's addresses that they name.
public final class RequestLedger {

    /// A part that a request names.
    private record Element(long address, long length) {

        boolean overlaps(long other, long otherLength) {
            return other < address + length && address < other + otherLength;
        }
    }

    /// A request that was posted.
    public static final class Posted {
        private final int queuePair;
        private final long id;
        private final boolean deviceWrites;
        private final CallSite site;
        private final List<Element> elements = new ArrayList<>();

        /// Whether a mapping of it is gone.
        private boolean isOrphan;

        private Posted(int queuePair, long id, boolean deviceWrites, CallSite site) {
            this.queuePair = queuePair;
            this.id = id;
            this.deviceWrites = deviceWrites;
            this.site = site;
        }

        /// Adds what an element names by the local DMA key.
        public void element(long address, long length) {
            elements.add(new Element(address, length));
        }

        private boolean names(long address, long length) {
            return elements.stream().anyMatch(it -> it.overlaps(address, length));
        }

        @Override
        public String toString() {
            return "request " + id + " of queue pair " + queuePair + ", posted at " + site;
        }
    }

    private final DeviceLedger ledger;
    private final Map<Integer, ArrayDeque<Posted>> underWay = new HashMap<>();

    RequestLedger(DeviceLedger ledger) {
        this.ledger = ledger;
    }

    /// Begins to describe a request.
    public Posted request(int queuePair, long id, boolean deviceWrites) {
        return new Posted(queuePair, id, deviceWrites, ledger.sanitizer().reporter().here());
    }

    /// A request is about to be posted.
    public void posted(Posted request) {
        synchronized (ledger.lock()) {
            for (ArrayDeque<Posted> queue : underWay.values()) {
                queue.forEach(other -> checkShared(request, other));
            }
            underWay.computeIfAbsent(request.queuePair, any -> new ArrayDeque<>()).add(request);
        }
    }

    private void checkShared(Posted request, Posted other) {
        if (!request.deviceWrites && !other.deviceWrites) {
            return;
        }
        for (Element element : request.elements) {
            if (other.names(element.address(), element.length())) {
                ledger.liveAt(element.address(), element.length()).stream()
                        .findFirst()
                        .ifPresent(mapping -> report(mapping, element, "is named by " + other));
            }
        }
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

    /// A request was refused after all.
    public void withdrawn(Posted request) {
        synchronized (ledger.lock()) {
            underWay.getOrDefault(request.queuePair, new ArrayDeque<>()).remove(request);
        }
    }

    /// A completion was taken: it covers all requests before it.
    public void completed(int queuePair, long id) {
        synchronized (ledger.lock()) {
            ArrayDeque<Posted> queue = underWay.get(queuePair);
            if (queue != null && queue.stream().anyMatch(it -> it.id == id)) {
                while (queue.removeFirst().id != id) {
                    // Those before it were not signaled.
                }
            }
        }
    }

    /// A queue pair was reset or closed.
    public void dropped(int queuePair) {
        synchronized (ledger.lock()) {
            underWay.remove(queuePair);
        }
    }

    /// A mapping is about to end.
    void unmapped(TrackedMapping mapping) {
        for (ArrayDeque<Posted> queue : underWay.values()) {
            for (Posted request : queue) {
                mapping.segments().stream()
                        .filter(it -> request.names(it.address(), it.length()))
                        .findFirst()
                        .ifPresent(
                                it -> {
                                    request.isOrphan = true;
                                    report(
                                            mapping,
                                            new Element(it.address(), it.length()),
                                            "is unmapped before its completion: " + request);
                                });
            }
        }
    }

    /// A mapping was made.
    void mapped(TrackedMapping mapping) {
        for (ArrayDeque<Posted> queue : underWay.values()) {
            for (Posted request : queue) {
                boolean reused =
                        request.isOrphan
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
