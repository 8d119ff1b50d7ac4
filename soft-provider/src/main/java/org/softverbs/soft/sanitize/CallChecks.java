package org.softverbs.soft.sanitize;

import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.softverbs.dma.AddressSpace;
import org.softverbs.dma.DmaDirection;
import org.softverbs.dma.DmaSegment;
import org.softverbs.dma.RawDma;
import org.softverbs.sanitizer.Finding;
import org.softverbs.soft.physical.LinearMap;

/// Checks of calls that name a mapping by address, length and direction.
///
/// Source: `check_unmap` and `check_sync` of `kernel/dma/debug.c`.
public final class CallChecks {

    /// No number of entries is given.
    public static final int ANY = -1;

    private static final long BOUNCE_SLOT = 2048;

    private final DeviceLedger ledger;

    CallChecks(DeviceLedger ledger) {
        this.ledger = ledger;
    }

    /// Somebody asks whether a mapping failed.
    public void errorChecked(long address) {
        synchronized (ledger.lock()) {
            ledger.liveAt(address, 1).stream()
                    .filter(it -> it.address() == address)
                    .forEach(it -> it.errorChecked = true);
        }
    }

    /// Something is to be unmapped.
    ///
    /// @param entries of the list; [#ANY] for what is no list
    public void unmap(
            MappingKind kind, long address, long length, DmaDirection direction, int entries) {
        synchronized (ledger.lock()) {
            TrackedMapping mapping = find(kind, address, length, direction, entries);
            if (mapping == null) {
                notMapped(kind, address, length);
                return;
            }
            Steps.all(
                    () -> checkUnmap(mapping, kind, length, direction, entries),
                    () -> checkErrorChecked(mapping),
                    () -> ledger.remove(mapping));
        }
    }

    private void checkUnmap(
            TrackedMapping mapping,
            MappingKind kind,
            long length,
            DmaDirection direction,
            int entries) {
        if (mapping.kind() != kind) {
            wrongFunction(mapping, kind);
        } else if (mapping.length() != length) {
            unmapReport(Finding.WRONG_SIZE, mapping, "it is unmapped with " + length + " bytes");
        } else if (entries != ANY && mapping.memory().count() != entries) {
            unmapReport(
                    Finding.WRONG_ENTRY_COUNT,
                    mapping,
                    "it is unmapped with " + entries + " entries");
        } else if (mapping.direction() != direction) {
            unmapReport(Finding.WRONG_DIRECTION, mapping, "it is unmapped as " + direction);
        }
    }

    private void checkErrorChecked(TrackedMapping mapping) {
        if (!mapping.errorChecked && isSingle(mapping.kind())) {
            unmapReport(Finding.ERROR_NOT_CHECKED, mapping, "mappingError was never asked");
        }
    }

    private static boolean isSingle(MappingKind kind) {
        return kind == MappingKind.SINGLE || kind == MappingKind.RESOURCE;
    }

    private void wrongFunction(TrackedMapping mapping, MappingKind kind) {
        boolean bus = mapping.space() == AddressSpace.BUS && kind == MappingKind.SINGLE;
        unmapReport(
                bus ? Finding.BUS_ADDRESS_UNMAPPED : Finding.WRONG_FUNCTION,
                mapping,
                "it is unmapped as by " + kind.function());
    }

    private void notMapped(MappingKind kind, long address, long length) {
        if (address == RawDma.MAPPING_ERROR) {
            ledger.report(Finding.INVALID_ADDRESS, space(), address, length, null, "MAPPING_ERROR");
            return;
        }
        Optional<TrackedMapping> bus =
                ledger.liveAt(address, 1).stream()
                        .filter(it -> it.space() == AddressSpace.BUS || it.offsetOf(address) > 0)
                        .filter(it -> spaceAt(it, address) == AddressSpace.BUS)
                        .findFirst();
        if (bus.isPresent() && kind == MappingKind.SINGLE) {
            unmapReport(
                    Finding.BUS_ADDRESS_UNMAPPED,
                    bus.get(),
                    "a segment of it is unmapped as a page");
            return;
        }
        TrackedMapping former =
                ledger.retiredAt(address, 1).stream()
                        .filter(it -> it.address() == address)
                        .reduce((first, second) -> second)
                        .orElse(null);
        ledger.report(
                Finding.NOT_MAPPED,
                space(),
                address,
                length,
                former,
                former == null ? "nothing is mapped there" : "it was unmapped before");
    }

    private static AddressSpace spaceAt(TrackedMapping mapping, long address) {
        for (DmaSegment segment : mapping.segments()) {
            if (address >= segment.address() && address < segment.address() + segment.length()) {
                return segment.space();
            }
        }
        return mapping.space();
    }

    private AddressSpace space() {
        return ledger.granule() > 1 ? AddressSpace.IOVA : AddressSpace.PHYSICAL;
    }

    private void unmapReport(Finding finding, TrackedMapping mapping, String detail) {
        ledger.report(
                finding, mapping.space(), mapping.address(), mapping.length(), mapping, detail);
    }

    /// The mapping that begins at an address and fits best.
    private @Nullable TrackedMapping find(
            MappingKind kind, long address, long length, DmaDirection direction, int entries) {
        TrackedMapping best = null;
        int most = -1;
        for (TrackedMapping mapping : ledger.liveAt(address, 1)) {
            int fit = mapping.kind() == kind ? 8 : 0;
            fit += mapping.length() == length ? 4 : 0;
            fit += mapping.direction() == direction ? 2 : 0;
            fit += entries == ANY || mapping.memory().count() == entries ? 1 : 0;
            if (mapping.address() == address && isByAddress(mapping) && fit > most) {
                best = mapping;
                most = fit;
            }
        }
        return best;
    }

    private static boolean isByAddress(TrackedMapping mapping) {
        return switch (mapping.kind()) {
            case SINGLE, SG, COHERENT, RESOURCE -> true;
            case LINK, HANDLE -> false;
        };
    }

    /// Coherent memory is to be given back.
    public void free(long length, long kernelAddress, long address) {
        synchronized (ledger.lock()) {
            MappingKind kind = MappingKind.COHERENT;
            TrackedMapping mapping = find(kind, address, length, DmaDirection.BIDIRECTIONAL, ANY);
            if (mapping != null
                    && mapping.kind() == kind
                    && mapping.length() == length
                    && LinearMap.virtual(mapping.memory().address(0)) != kernelAddress) {
                String detail = "it is freed with CPU address 0x" + Long.toHexString(kernelAddress);
                Steps.all(
                        () -> unmapReport(Finding.WRONG_CPU_ADDRESS, mapping, detail),
                        () -> ledger.remove(mapping));
                return;
            }
            unmap(kind, address, length, DmaDirection.BIDIRECTIONAL, ANY);
        }
    }

    /// Something is to be synced.
    ///
    /// @param entries of the list; [#ANY] for what is no list
    /// @return the mapping, when there is one and the range is inside
    public @Nullable TrackedMapping sync(
            long address, long length, DmaDirection direction, int entries, boolean forCpu) {
        synchronized (ledger.lock()) {
            TrackedMapping mapping = containing(address, length, direction);
            if (mapping == null) {
                ledger.report(
                        Finding.SYNC_NOT_MAPPED,
                        space(),
                        address,
                        length,
                        null,
                        "nothing is mapped there");
                return null;
            }
            long offset = mapping.offsetOf(address);
            if (length > mapping.length() - offset) {
                syncReport(Finding.SYNC_OUTSIDE, mapping, address, length, "it ends before");
                return null;
            }
            direction(mapping, address, length, direction, forCpu);
            if (entries != ANY && mapping.memory().count() != entries) {
                syncReport(
                        Finding.SYNC_ENTRY_COUNT,
                        mapping,
                        address,
                        length,
                        "it is synced with " + entries + " entries");
            }
            return mapping;
        }
    }

    /// Linux tells a wrong direction besides, where this tells what it does.
    private void direction(
            TrackedMapping mapping,
            long address,
            long length,
            DmaDirection direction,
            boolean forCpu) {
        if (mapping.direction() == DmaDirection.BIDIRECTIONAL || mapping.direction() == direction) {
            return;
        }
        Finding finding = Finding.SYNC_DIRECTION;
        if (forCpu && !mapping.direction().deviceWrites()) {
            finding = Finding.SYNC_FOR_CPU_READ_ONLY;
        } else if (!forCpu && !mapping.direction().deviceReads()) {
            finding = Finding.SYNC_FOR_DEVICE_WRITE_ONLY;
        }
        syncReport(finding, mapping, address, length, "it is synced as " + direction);
    }

    private void syncReport(
            Finding finding, TrackedMapping mapping, long address, long length, String detail) {
        ledger.report(finding, mapping.space(), address, length, mapping, detail);
    }

    /// The mapping that has all of a range, if there is one.
    public Optional<TrackedMapping> inside(long address, long length) {
        synchronized (ledger.lock()) {
            return ledger.liveAt(address, 1).stream()
                    .filter(it -> it.length() - it.offsetOf(address) >= length)
                    .findFirst();
        }
    }

    /// Where in a mapping an address is.
    public long offset(TrackedMapping mapping, long address) {
        return mapping.offsetOf(address);
    }

    /// A bounce pool found something.
    public void bounce(Finding finding, long address, long length) {
        synchronized (ledger.lock()) {
            TrackedMapping near =
                    ledger.liveAt(address & -BOUNCE_SLOT, BOUNCE_SLOT).stream()
                            .findFirst()
                            .orElse(null);
            ledger.report(
                    finding,
                    AddressSpace.BOUNCE,
                    address,
                    length,
                    near,
                    "a sync misses the buffer");
        }
    }

    private @Nullable TrackedMapping containing(long address, long length, DmaDirection direction) {
        List<TrackedMapping> candidates = ledger.liveAt(address, 1);
        TrackedMapping best = null;
        int most = -1;
        for (TrackedMapping mapping : candidates) {
            int fit = mapping.length() - mapping.offsetOf(address) >= length ? 2 : 0;
            fit += mapping.direction() == direction ? 1 : 0;
            if (fit > most) {
                best = mapping;
                most = fit;
            }
        }
        return best;
    }
}
