package org.softverbs.soft.device;

import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.softverbs.dma.DmaDirection;
import org.softverbs.dma.DmaMapping;
import org.softverbs.soft.memory.PageableMemory;
import org.softverbs.soft.memory.RegionMemory;
import org.softverbs.soft.memory.RegisteredMemory;
import org.softverbs.soft.memory.WindowMemory;
import org.softverbs.verbs.AccessFlag;
import org.softverbs.verbs.Errno;
import org.softverbs.verbs.MemoryRegion;
import org.softverbs.verbs.ProtectionDomain;
import org.softverbs.verbs.Reregistration;
import org.softverbs.verbs.VerbsException;

/// A user's registration. Local and remote key are the same number, as with rxe.
final class SoftMemoryRegion extends Resource implements MemoryRegion {

    private static final String DROP_PAGES = "dropPages";
    private static final String REREGISTER = "reregister";

    /// What it is until it is registered anew.
    private record Standing(SoftProtectionDomain domain, RegionMemory memory, RegionParts parts) {}

    private final SoftDevice device;
    private volatile Standing now;

    SoftMemoryRegion(SoftProtectionDomain domain, RegionMemory memory, RegionParts parts) {
        this.device = domain.device();
        this.now = new Standing(domain, memory, parts);
    }

    SoftDevice device() {
        return device;
    }

    @Override
    public ProtectionDomain protectionDomain() {
        return now.domain();
    }

    @Override
    public MemorySegment segment() {
        Optional<MemorySegment> segment = now.parts().segment();
        if (segment.isEmpty()) {
            throw new IllegalStateException(this + " has no segment");
        }
        return segment.get();
    }

    @Override
    public long address() {
        return now.memory().address();
    }

    @Override
    public long length() {
        return now.memory().size();
    }

    @Override
    public int localKey() {
        return now.memory().key();
    }

    @Override
    public int remoteKey() {
        return now.memory().key();
    }

    @Override
    public Set<AccessFlag> access() {
        return now.parts().access();
    }

    @Override
    public synchronized void reregister(Reregistration changes) {
        requireOpen();
        device.requirePresent(REREGISTER);
        device.rules().requireReregistration(REREGISTER);
        Standing old = now;
        Set<AccessFlag> access = changes.access().orElse(old.parts().access());
        SoftProtectionDomain domain = changes.domain().map(this::own).orElse(old.domain());
        domain.checkAccess(REREGISTER, access);
        checkMappingTakes(access, old);
        if (changes.translation().isPresent() || old.parts().segment().isPresent()) {
            MemorySegment segment = changes.translation().orElseGet(this::segment);
            domain.checkSegment(REREGISTER, segment, access);
        } else {
            SoftProtectionDomain.requireVolatile(REREGISTER, access);
        }
        boolean moved = changes.translation().isPresent();
        if (moved) {
            checkTranslation(changes.translation().orElseThrow(), old);
        } else if (access.contains(AccessFlag.ZERO_BASED)
                != old.parts().access().contains(AccessFlag.ZERO_BASED)) {
            throw refused(Errno.EINVAL, "ZERO_BASED can only change together with the memory");
        }
        boolean mapped = moved ? !access.contains(AccessFlag.ZERO_BASED) : old.parts().mapped();
        long address = address();
        if (moved) {
            address = mapped ? device.host().mapUser(changes.translation().orElseThrow()) : 0;
        }
        RegionParts parts =
                new RegionParts(
                        changes.translation().or(old.parts()::segment),
                        access,
                        mapped,
                        old.parts().mapping());
        try {
            change(old, domain, parts, address, moved);
        } catch (RuntimeException refused) {
            if (moved && mapped) {
                device.host().unmapUser(address);
            }
            throw refused;
        }
        if (moved && old.parts().mapped()) {
            device.host().unmapUser(old.memory().address());
        }
    }

    private void change(
            Standing old,
            SoftProtectionDomain domain,
            RegionParts parts,
            long address,
            boolean moved) {
        boolean leaves = !domain.equals(old.domain());
        device.owner()
                .run(
                        () -> {
                            requireUnbound(REREGISTER);
                            if (leaves) {
                                domain.children().add(this);
                            }
                            int key = old.memory().key();
                            if (moved) {
                                device.keys().drop(key);
                                key = device.keys().freshKey();
                            }
                            RegionMemory memory = rebuilt(old, domain, parts, address, key);
                            device.keys().add(memory);
                            device.engine().link().detach();
                            now = new Standing(domain, memory, parts);
                        });
        if (leaves) {
            old.domain().children().remove(this);
        }
    }

    private RegionMemory rebuilt(
            Standing old, SoftProtectionDomain domain, RegionParts parts, long address, int key) {
        int bits = AccessFlag.bits(parts.access());
        Optional<MemorySegment> segment = parts.segment();
        if (segment.isPresent()) {
            return device.keys()
                    .memory(
                            new RegisteredMemory(
                                    key, domain.number(), address, segment.get(), bits));
        }
        return old.memory().changed(domain.number(), bits);
    }

    /// What was mapped for the device to read only stays so.
    private static void checkMappingTakes(Set<AccessFlag> access, Standing old) {
        boolean readOnly =
                old.parts()
                        .mapping()
                        .filter(it -> it.direction() == DmaDirection.TO_DEVICE)
                        .isPresent();
        if (readOnly && access.contains(AccessFlag.LOCAL_WRITE)) {
            throw refused(
                    Errno.EINVAL,
                    "access "
                            + access
                            + " asks to write memory that was registered without LOCAL_WRITE and is"
                            + " mapped for the device to read");
        }
    }

    private void checkTranslation(MemorySegment segment, Standing old) {
        if (old.parts().segment().isEmpty()) {
            throw refused(Errno.EOPNOTSUPP, this + " is of DMA addresses, which do not change");
        }
        if (segment.byteSize() == 0) {
            throw refused(Errno.EINVAL, "the segment's length 0 is below the minimum 1");
        }
    }

    private SoftProtectionDomain own(ProtectionDomain domain) {
        if (domain instanceof SoftProtectionDomain soft && soft.device().equals(device)) {
            soft.requireOpen();
            return soft;
        }
        throw refused(Errno.EINVAL, "the protection domain is of another context");
    }

    private static VerbsException refused(Errno errno, String reason) {
        return new VerbsException(errno, REREGISTER, reason);
    }

    /// For the owner.
    private void requireUnbound(String verb) {
        List<WindowMemory> windows = device.keys().windowsOf(now.memory());
        if (!windows.isEmpty()) {
            throw new VerbsException(
                    Errno.EBUSY,
                    verb,
                    windows.size()
                            + " memory windows bound: "
                            + windows.stream().map(SoftMemoryWindow::describe).toList());
        }
    }

    @Override
    public void dropPages(long offset, long length) {
        requireOpen();
        device.owner().run(() -> dropNow(offset, length));
    }

    private void dropNow(long offset, long length) {
        if (!(now.memory() instanceof PageableMemory memory)) {
            throw new VerbsException(
                    Errno.EINVAL, DROP_PAGES, this + " was registered without ON_DEMAND");
        }
        if (!memory.covers(memory.address() + offset, length)) {
            throw new VerbsException(
                    Errno.EFAULT,
                    DROP_PAGES,
                    length
                            + " bytes from "
                            + offset
                            + " on are not inside the region of "
                            + Long.toUnsignedString(length()));
        }
        // Packets under way may still point into them.
        device.engine().link().detach();
        memory.drop(memory.address() + offset, length);
    }

    @Override
    public synchronized void close() {
        if (!isOpen()) {
            return;
        }
        device.owner()
                .run(
                        () -> {
                            requireUnbound("closeMemoryRegion");
                            device.keys().remove(localKey());
                        });
        markClosed();
        Standing last = now;
        if (last.parts().mapped()) {
            device.host().unmapUser(last.memory().address());
        }
        last.parts().mapping().ifPresent(DmaMapping::close);
        last.domain().children().remove(this);
    }

    @Override
    public String toString() {
        return "memory region 0x" + Integer.toHexString(localKey());
    }
}
