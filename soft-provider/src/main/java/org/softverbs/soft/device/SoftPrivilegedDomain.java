package org.softverbs.soft.device;

import java.util.EnumSet;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.softverbs.dma.DmaDirection;
import org.softverbs.dma.DmaMapping;
import org.softverbs.dma.PhysicalVector;
import org.softverbs.soft.memory.DmaMemory;
import org.softverbs.soft.memory.DmaRanges;
import org.softverbs.soft.memory.FastMemory;
import org.softverbs.verbs.AccessFlag;
import org.softverbs.verbs.Errno;
import org.softverbs.verbs.FastRegion;
import org.softverbs.verbs.MemoryRegion;
import org.softverbs.verbs.PrivilegedContext;
import org.softverbs.verbs.PrivilegedDomain;
import org.softverbs.verbs.SignatureRegion;
import org.softverbs.verbs.VerbsException;

/// A protection domain of kernel code: it holds the local DMA key of its device.
final class SoftPrivilegedDomain extends SoftProtectionDomain implements PrivilegedDomain {

    private static final Logger LOG = LoggerFactory.getLogger(SoftPrivilegedDomain.class);
    private static final String REGISTER_DMA = "registerDma";
    private static final String REGISTER_PHYSICAL = "registerPhysical";
    private static final String ALLOCATE_FAST = "allocateFastRegion";
    private static final Set<AccessFlag> ALL_REMOTE =
            EnumSet.of(AccessFlag.LOCAL_WRITE, AccessFlag.REMOTE_READ, AccessFlag.REMOTE_WRITE);

    private final SoftPrivilegedDevice device;
    private final OptionalInt globalKey;

    SoftPrivilegedDomain(SoftPrivilegedDevice device, int number, boolean global) {
        super(device, number);
        this.device = device;
        this.globalKey = global ? OptionalInt.of(openGlobally()) : OptionalInt.empty();
    }

    private int openGlobally() {
        LOG.warn("{} of {}: enabling unsafe global rkey", this, device);
        return device.owner()
                .call(
                        () -> {
                            requireRoom("allocateProtectionDomain");
                            int key = device.keys().freshKey();
                            device.keys().add(everything(key, ALL_REMOTE));
                            return key;
                        });
    }

    private DmaMemory everything(int key, Set<AccessFlag> access) {
        return new DmaMemory(
                key,
                number(),
                0,
                DmaMemory.EVERYTHING,
                device.attachment().memory(),
                AccessFlag.bits(access));
    }

    @Override
    boolean isPrivileged() {
        return true;
    }

    @Override
    public PrivilegedContext context() {
        return device;
    }

    @Override
    public int localDmaLkey() {
        return device.keys().localDmaKey();
    }

    @Override
    public OptionalInt unsafeGlobalRemoteKey() {
        return globalKey;
    }

    @Override
    public MemoryRegion registerDma(Set<AccessFlag> access) {
        requireOpen();
        checkPhysicalAccess(REGISTER_DMA, access);
        return add(
                REGISTER_DMA,
                key -> everything(key, access),
                new RegionParts(Optional.empty(), access, false, Optional.empty()));
    }

    @Override
    public MemoryRegion registerPhysical(
            PhysicalVector memory, long address, Set<AccessFlag> access) {
        requireOpen();
        checkPhysicalAccess(REGISTER_PHYSICAL, access);
        checkAddress(REGISTER_PHYSICAL, address, memory.total(), access);
        boolean written = access.contains(AccessFlag.LOCAL_WRITE);
        DmaMapping mapping =
                device.dma()
                        .map(memory, written ? DmaDirection.BIDIRECTIONAL : DmaDirection.TO_DEVICE);
        try {
            DmaRanges ranges = new DmaRanges(device.attachment().memory(), mapping.segments());
            return add(
                    REGISTER_PHYSICAL,
                    key ->
                            new DmaMemory(
                                    key,
                                    number(),
                                    address,
                                    ranges.size(),
                                    ranges,
                                    AccessFlag.bits(access)),
                    new RegionParts(Optional.empty(), access, false, Optional.of(mapping)));
        } catch (RuntimeException refused) {
            mapping.close();
            throw refused;
        }
    }

    /// What is mapped for the device stays where it is.
    private void checkPhysicalAccess(String verb, Set<AccessFlag> access) {
        checkAccess(verb, access);
        requireVolatile(verb, access);
        if (access.contains(AccessFlag.ON_DEMAND)) {
            throw new VerbsException(
                    Errno.EINVAL, verb, "access " + access + " has ON_DEMAND, of mapped memory");
        }
    }

    @Override
    public FastRegion allocateFastRegion(int maxPages) {
        return allocateFast(maxPages, SoftFastRegion::new);
    }

    @Override
    public SignatureRegion allocateSignatureRegion(int maxPages) {
        return allocateFast(maxPages, SoftSignatureRegion::new);
    }

    /// A class of fast regions.
    private interface FastRegionKind<T> {
        T create(SoftPrivilegedDomain domain, FastMemory memory, int maxPages);
    }

    private <T> T allocateFast(int maxPages, FastRegionKind<T> kind) {
        requireOpen();
        int limit = device.limits().maxFastRegistrationPages();
        if (maxPages < 1 || maxPages > limit) {
            throw new VerbsException(
                    Errno.EINVAL,
                    ALLOCATE_FAST,
                    "maxPages " + maxPages + " is not within 1 and " + limit);
        }
        return device.owner()
                .call(
                        () -> {
                            requireRoom(ALLOCATE_FAST);
                            FastMemory memory =
                                    new FastMemory(
                                            number(),
                                            device.attachment().memory(),
                                            device.keys().freshKey());
                            T region = kind.create(this, memory, maxPages);
                            // First of all, as it may refuse.
                            children().add(region);
                            device.keys().add(memory);
                            return region;
                        });
    }

    @Override
    void closed() {
        globalKey.ifPresent(device.keys()::remove);
    }
}
