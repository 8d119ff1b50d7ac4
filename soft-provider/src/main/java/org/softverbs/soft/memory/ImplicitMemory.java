package org.softverbs.soft.memory;

import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.softverbs.soft.host.Host;
import org.softverbs.soft.packet.RunList;

/// A registration of the whole address space of a program, whatever is in it now or later. Pages
/// come in when they are accessed.
///
/// Unlike other memory it is looked for anew at each access, with a lock and some allocation.
public final class ImplicitMemory implements PageableMemory {

    /// Bytes from address 0 on.
    private static final long EVERYTHING = -1;

    private final int key;
    private final int domain;
    private final int accessBits;
    private final Host host;
    private final DemandPages.Counts counts;

    /// Of each mapping by its address.
    private final Map<Long, DemandPages> pages;

    /// @param host whose address space it is
    /// @param counts where faults are counted
    public ImplicitMemory(
            int key, int domain, int accessBits, Host host, DemandPages.Counts counts) {
        this(key, domain, accessBits, host, counts, new TreeMap<>());
    }

    private ImplicitMemory(
            int key,
            int domain,
            int accessBits,
            Host host,
            DemandPages.Counts counts,
            Map<Long, DemandPages> pages) {
        this.key = key;
        this.domain = domain;
        this.accessBits = accessBits;
        this.host = host;
        this.counts = counts;
        this.pages = pages;
    }

    @Override
    public int key() {
        return key;
    }

    @Override
    public int domain() {
        return domain;
    }

    @Override
    public long address() {
        return 0;
    }

    @Override
    public long size() {
        return EVERYTHING;
    }

    @Override
    public int accessBits() {
        return accessBits;
    }

    @Override
    public ImplicitMemory changed(int newDomain, int newAccessBits) {
        return new ImplicitMemory(key, newDomain, newAccessBits, host, counts, pages);
    }

    @Override
    public boolean covers(long first, long length) {
        return host.userRange(first, length).isPresent();
    }

    @Override
    public void drop(long first, long length) {
        host.userRange(first, length)
                .ifPresent(range -> of(range).drop(first - range.address(), length));
    }

    @Override
    public void prefetch(long first, long length) {
        host.userRange(first, length)
                .ifPresent(range -> of(range).prefetch(first - range.address(), length));
    }

    private DemandPages of(Host.UserRange range) {
        DemandPages known = pages.get(range.address());
        if (known != null) {
            return known;
        }
        pages.keySet().removeIf(address -> host.userRange(address, 0).isEmpty());
        DemandPages fresh = new DemandPages(range.address(), counts);
        pages.put(range.address(), fresh);
        return fresh;
    }

    @Override
    public AccessResult bytes(long first, long length, boolean write, RunList runs) {
        Optional<Host.UserRange> found = host.userRange(first, length);
        if (found.isEmpty()) {
            return AccessResult.OUT_OF_BOUNDS;
        }
        Host.UserRange range = found.get();
        if (!range.segment().scope().isAlive() || (write && range.segment().isReadOnly())) {
            return AccessResult.MEMORY_GONE;
        }
        long offset = first - range.address();
        runs.add(range.segment(), offset, length);
        of(range).access(offset, length);
        return AccessResult.GRANTED;
    }
}
