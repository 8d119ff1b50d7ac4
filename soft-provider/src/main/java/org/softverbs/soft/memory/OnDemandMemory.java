package org.softverbs.soft.memory;

import org.softverbs.soft.packet.RunList;

/// A registration of a segment whose pages come in when they are accessed (on-demand paging). A
/// fault is over at once: it costs no time, and the peer sees nothing of it.
public final class OnDemandMemory implements PageableMemory {

    private final RegisteredMemory memory;
    private final DemandPages pages;

    /// @param memory what is registered; no page of it is in
    /// @param counts where faults are counted
    public OnDemandMemory(RegisteredMemory memory, DemandPages.Counts counts) {
        this(memory, new DemandPages(memory.address(), counts));
    }

    private OnDemandMemory(RegisteredMemory memory, DemandPages pages) {
        this.memory = memory;
        this.pages = pages;
    }

    @Override
    public boolean covers(long first, long length) {
        return contains(first, length);
    }

    @Override
    public void drop(long first, long length) {
        pages.drop(first - address(), length);
    }

    @Override
    public void prefetch(long first, long length) {
        pages.prefetch(first - address(), length);
    }

    @Override
    public int key() {
        return memory.key();
    }

    @Override
    public int domain() {
        return memory.domain();
    }

    @Override
    public long address() {
        return memory.address();
    }

    @Override
    public long size() {
        return memory.size();
    }

    @Override
    public int accessBits() {
        return memory.accessBits();
    }

    @Override
    public OnDemandMemory changed(int newDomain, int newAccessBits) {
        return new OnDemandMemory(memory.changed(newDomain, newAccessBits), pages);
    }

    @Override
    public AccessResult bytes(long first, long length, boolean write, RunList runs) {
        AccessResult result = memory.bytes(first, length, write, runs);
        if (result == AccessResult.GRANTED) {
            pages.access(first - address(), length);
        }
        return result;
    }
}
