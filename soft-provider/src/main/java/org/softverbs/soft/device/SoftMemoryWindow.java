package org.softverbs.soft.device;

import java.util.concurrent.atomic.AtomicInteger;
import org.softverbs.soft.memory.WindowMemory;
import org.softverbs.verbs.MemoryWindow;
import org.softverbs.verbs.MemoryWindowType;
import org.softverbs.verbs.ProtectionDomain;

/// A memory window as its user sees it.
final class SoftMemoryWindow extends Resource implements MemoryWindow {

    private final SoftProtectionDomain domain;
    private final MemoryWindowType type;
    private final WindowMemory memory;
    private final AtomicInteger newest;

    SoftMemoryWindow(SoftProtectionDomain domain, MemoryWindowType type, WindowMemory memory) {
        this.domain = domain;
        this.type = type;
        this.memory = memory;
        this.newest = new AtomicInteger(memory.key());
    }

    SoftProtectionDomain domain() {
        return domain;
    }

    /// The key of the next bind of a window of type 1.
    int claimKey() {
        return newest.updateAndGet(Keys::increment);
    }

    @Override
    public ProtectionDomain protectionDomain() {
        return domain;
    }

    @Override
    public MemoryWindowType type() {
        return type;
    }

    @Override
    public int remoteKey() {
        return memory.key();
    }

    @Override
    public void close() {
        if (markClosed()) {
            domain.device().owner().run(() -> domain.device().keys().remove(memory.key()));
            domain.children().remove(this);
        }
    }

    static String describe(WindowMemory memory) {
        return "memory window 0x" + Integer.toHexString(memory.key());
    }

    @Override
    public String toString() {
        return describe(memory);
    }
}
