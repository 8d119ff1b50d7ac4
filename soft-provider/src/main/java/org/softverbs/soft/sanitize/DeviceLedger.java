package org.softverbs.soft.sanitize;

import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.softverbs.dma.AddressSpace;
import org.softverbs.dma.DmaDirection;
import org.softverbs.dma.DmaLimits;
import org.softverbs.dma.DmaSegment;
import org.softverbs.dma.PhysicalVector;
import org.softverbs.sanitizer.CallSite;
import org.softverbs.sanitizer.Finding;

/// What is mapped for one device, and what was.
///
/// Guarded by the lock of the host's sanitizer.
public final class DeviceLedger {

    private static final int MOST_RETIRED = 4096;
    private static final int MOST_RETIRED_SEGMENTS = 1 << 16;

    private final DmaSanitizer sanitizer;
    private final String name;
    private final DmaLimits limits;
    private final long granule;
    private final RangeIndex<TrackedMapping> live = new RangeIndex<>();
    private final Set<TrackedMapping> mappings = new LinkedHashSet<>();
    private final RangeIndex<TrackedMapping> retired = new RangeIndex<>();
    private final ArrayDeque<TrackedMapping> retiredInOrder = new ArrayDeque<>();
    private int retiredSegments;
    private final Map<LostHandle, CallSite> openTransactions = new HashMap<>();
    private final MapChecks mapChecks;
    private final CallChecks callChecks;
    private final AccessChecks accessChecks;
    private final LinkLedger links;
    private final KeyChecks keyChecks = new KeyChecks(this);
    private final RequestLedger requests = new RequestLedger(this);

    DeviceLedger(DmaSanitizer sanitizer, String name, DmaLimits limits, long granule) {
        this.sanitizer = sanitizer;
        this.name = name;
        this.limits = limits;
        this.granule = granule;
        this.mapChecks = new MapChecks(this);
        this.callChecks = new CallChecks(this);
        this.links = new LinkLedger(this);
        this.accessChecks = new AccessChecks(this, links);
    }

    DmaSanitizer sanitizer() {
        return sanitizer;
    }

    /// The lock of all ledgers of the host.
    public Object lock() {
        return sanitizer;
    }

    DmaLimits limits() {
        return limits;
    }

    long granule() {
        return granule;
    }

    /// Checks of what is to be mapped.
    public MapChecks mapChecks() {
        return mapChecks;
    }

    /// Checks of calls that name a mapping by its address.
    public CallChecks callChecks() {
        return callChecks;
    }

    /// Checks of what the device does.
    public AccessChecks accessChecks() {
        return accessChecks;
    }

    /// Checks of how keys are used.
    public KeyChecks keyChecks() {
        return keyChecks;
    }

    /// Requests under way.
    public RequestLedger requests() {
        return requests;
    }

    /// Two-step mappings.
    public LinkLedger links() {
        return links;
    }

    void report(
            Finding finding,
            AddressSpace space,
            long address,
            long length,
            @Nullable TrackedMapping mapping,
            String detail) {
        reportAt(finding, space, address, length, mapping, detail, sanitizer.reporter().here());
    }

    void reportAt(
            Finding finding,
            AddressSpace space,
            long address,
            long length,
            @Nullable TrackedMapping mapping,
            String detail,
            CallSite conflictAt) {
        sanitizer
                .reporter()
                .report(finding, space, address, length, mapping, name + ": " + detail, conflictAt);
    }

    /// Remembers a mapping. When a listener throws at a report it is not remembered, and must be
    /// undone.
    public TrackedMapping add(
            MappingKind kind,
            List<DmaSegment> segments,
            PhysicalVector memory,
            DmaDirection direction) {
        synchronized (lock()) {
            sanitizer.collectLost();
            TrackedMapping mapping =
                    new TrackedMapping(
                            kind,
                            name,
                            segments,
                            memory,
                            direction,
                            sanitizer.reporter().here(),
                            new Ownership(memory.total()));
            Steps.all(() -> sanitizer.checkOverlap(mapping), () -> requests.mapped(mapping));
            sanitizer.add(mapping);
            segments.forEach(it -> live.add(it.address(), it.length(), mapping));
            mappings.add(mapping);
            return mapping;
        }
    }

    /// Watches the handle of a mapping.
    public void watch(Object handle, TrackedMapping mapping) {
        mapping.handle =
                new LostHandle(handle, sanitizer.lostHandles(), () -> lostMapping(mapping));
    }

    private void lostMapping(TrackedMapping mapping) {
        if (mappings.contains(mapping)) {
            drop(mapping);
            report(
                    Finding.LOST_HANDLE,
                    mapping.space(),
                    mapping.address(),
                    mapping.length(),
                    mapping,
                    "a mapping was lost without being closed");
        }
    }

    /// Watches a transaction until it ends.
    ///
    /// @return to be given to [#ended]
    public LostHandle begun(Object transaction) {
        synchronized (lock()) {
            CallSite site = sanitizer.reporter().here();
            LostHandle[] self = new LostHandle[1];
            self[0] =
                    new LostHandle(
                            transaction,
                            sanitizer.lostHandles(),
                            () -> lostTransaction(self[0], site));
            openTransactions.put(self[0], site);
            return self[0];
        }
    }

    private void lostTransaction(LostHandle handle, CallSite site) {
        if (openTransactions.remove(handle) != null) {
            report(
                    Finding.LOST_HANDLE,
                    AddressSpace.IOVA,
                    0,
                    0,
                    null,
                    "a transaction that was begun at " + site + " was lost without being closed");
        }
    }

    /// A transaction ended.
    public void ended(LostHandle transaction) {
        synchronized (lock()) {
            openTransactions.remove(transaction);
        }
    }

    /// A mapping is about to end, and has when this returns or throws.
    public void remove(TrackedMapping mapping) {
        synchronized (lock()) {
            Steps.all(
                    () -> sanitizer.checkUntouched(mapping, 0, mapping.length()),
                    () -> sanitizer.noteCopyBack(mapping, 0, mapping.length()),
                    () -> requests.unmapped(mapping),
                    () -> retire(mapping));
        }
    }

    private void retire(TrackedMapping mapping) {
        drop(mapping);
        sanitizer.slots().ended(mapping.segments());
        mapping.retire();
        mapping.segments().forEach(it -> retired.add(it.address(), it.length(), mapping));
        retiredInOrder.addLast(mapping);
        retiredSegments += mapping.segments().size();
        while (retiredInOrder.size() > MOST_RETIRED || retiredSegments > MOST_RETIRED_SEGMENTS) {
            forget(retiredInOrder.removeFirst());
        }
    }

    private void forget(TrackedMapping oldest) {
        retiredSegments -= oldest.segments().size();
        oldest.segments().forEach(it -> retired.remove(it.address(), it.length(), oldest));
    }

    private void drop(TrackedMapping mapping) {
        if (mappings.remove(mapping)) {
            sanitizer.remove(mapping);
            mapping.segments().forEach(it -> live.remove(it.address(), it.length(), mapping));
        }
    }

    /// The CPU is about to get a part, before anything is copied.
    public void beforeSyncForCpu(TrackedMapping mapping, long offset, long size) {
        synchronized (lock()) {
            sanitizer.checkUntouched(mapping, offset, size);
            sanitizer.noteCopyBack(mapping, offset, size);
        }
    }

    /// The CPU got a part.
    public void syncedForCpu(TrackedMapping mapping, long offset, long size) {
        synchronized (lock()) {
            mapping.ownership().giveToCpu(offset, size, sanitizer.memory(), mapping.memory());
        }
    }

    /// The device gets a part.
    public void syncedForDevice(TrackedMapping mapping, long offset, long size) {
        synchronized (lock()) {
            mapping.ownership().giveToDevice(offset, size, sanitizer.memory(), mapping.memory());
        }
    }

    List<TrackedMapping> liveAt(long address, long length) {
        return live.overlapping(address, length);
    }

    List<TrackedMapping> retiredAt(long address, long length) {
        return retired.overlapping(address, length);
    }

    /// Forgets what is left, and reports it once for all of it.
    void unbind() {
        Steps.all(this::unbindMappings, links::unbind, this::unbindTransactions);
    }

    private void unbindMappings() {
        List<TrackedMapping> left = List.copyOf(mappings);
        left.forEach(this::drop);
        if (!left.isEmpty()) {
            TrackedMapping example = left.getFirst();
            report(
                    Finding.LEFT_MAPPED,
                    example.space(),
                    example.address(),
                    example.length(),
                    example,
                    left.size() + " mappings are left; one of them is told");
        }
    }

    private void unbindTransactions() {
        List<CallSite> open = List.copyOf(openTransactions.values());
        openTransactions.clear();
        if (!open.isEmpty()) {
            report(
                    Finding.LEFT_MAPPED,
                    AddressSpace.IOVA,
                    0,
                    0,
                    null,
                    open.size() + " transactions are open; one was begun at " + open.getFirst());
        }
    }
}
