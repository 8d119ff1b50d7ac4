package org.softverbs.soft.device;

import java.lang.foreign.MemorySegment;
import java.util.Set;
import org.softverbs.soft.memory.RegisteredMemory;
import org.softverbs.verbs.AccessFlag;
import org.softverbs.verbs.DeviceContext;
import org.softverbs.verbs.Errno;
import org.softverbs.verbs.MemoryRegion;
import org.softverbs.verbs.ProtectionDomain;
import org.softverbs.verbs.QueuePair;
import org.softverbs.verbs.QueuePairOptions;
import org.softverbs.verbs.VerbsException;

/// A protection domain: a number that queue pairs and memory must share.
final class SoftProtectionDomain extends Resource implements ProtectionDomain {

    private static final String REGISTER = "registerMemory";

    private final SoftDevice device;
    private final int number;
    private final Children children = new Children(this);

    SoftProtectionDomain(SoftDevice device, int number) {
        this.device = device;
        this.number = number;
    }

    SoftDevice device() {
        return device;
    }

    int number() {
        return number;
    }

    Children children() {
        return children;
    }

    @Override
    public DeviceContext context() {
        return device;
    }

    @Override
    public MemoryRegion registerMemory(MemorySegment segment, Set<AccessFlag> access) {
        checkRegistration(segment, access);
        long address = device.host().mapUser(segment);
        return register(segment, address, access, true);
    }

    @Override
    public MemoryRegion registerMemoryAt(
            MemorySegment segment, long address, Set<AccessFlag> access) {
        checkRegistration(segment, access);
        long length = segment.byteSize();
        if (length > 0 && Long.compareUnsigned(address, address + length - 1) > 0) {
            throw refused("address 0x" + Long.toHexString(address) + " plus length wraps");
        }
        return register(segment, address, access, false);
    }

    private MemoryRegion register(
            MemorySegment segment, long address, Set<AccessFlag> access, boolean mapped) {
        try {
            return device.owner().call(() -> add(segment, address, access, mapped));
        } catch (RuntimeException refused) {
            if (mapped) {
                device.host().unmapUser(address);
            }
            throw refused;
        }
    }

    private SoftMemoryRegion add(
            MemorySegment segment, long address, Set<AccessFlag> access, boolean mapped) {
        int limit = device.limits().maxMemoryRegions();
        if (device.keys().size() >= limit) {
            throw new VerbsException(
                    Errno.ENOMEM,
                    REGISTER,
                    "the device's limit of " + limit + " regions is reached");
        }
        int key = device.keys().freshKey();
        SoftMemoryRegion region = new SoftMemoryRegion(this, segment, address, key, access, mapped);
        // First of all, as it may refuse.
        children.add(region);
        device.keys()
                .add(new RegisteredMemory(key, number, address, segment, AccessFlag.bits(access)));
        return region;
    }

    private void checkRegistration(MemorySegment segment, Set<AccessFlag> access) {
        requireOpen();
        boolean remoteChange =
                access.contains(AccessFlag.REMOTE_WRITE)
                        || access.contains(AccessFlag.REMOTE_ATOMIC);
        if (remoteChange && !access.contains(AccessFlag.LOCAL_WRITE)) {
            throw refused("access " + access + " lets the peer write but lacks LOCAL_WRITE");
        }
        if (!segment.isNative()) {
            throw refused("the segment is on the heap; allocate it from an Arena");
        }
        if (!segment.scope().isAlive()) {
            throw refused("the segment's arena is closed");
        }
        if (!segment.isAccessibleBy(device.anyOtherThread())) {
            throw refused("the segment's arena is confined to one thread; use Arena.ofShared");
        }
        if (segment.isReadOnly() && access.contains(AccessFlag.LOCAL_WRITE)) {
            throw refused("access " + access + " asks to write a read-only segment");
        }
    }

    private static VerbsException refused(String reason) {
        return new VerbsException(Errno.EINVAL, REGISTER, reason);
    }

    void deregister(SoftMemoryRegion region) {
        device.owner()
                .run(
                        () -> {
                            device.keys().remove(region.localKey());
                            // Packets under way may still point into the memory.
                            device.engine().link().detach();
                        });
        if (region.isMapped()) {
            device.host().unmapUser(region.address());
        }
        children.remove(region);
    }

    @Override
    public QueuePair createQueuePair(QueuePairOptions options) {
        requireOpen();
        return QueuePairFactory.create(this, options);
    }

    @Override
    public void close() {
        if (!children.closeIfNone("closeProtectionDomain")) {
            return;
        }
        markClosed();
        device.closed(this);
    }

    @Override
    public String toString() {
        return "protection domain " + number;
    }
}
