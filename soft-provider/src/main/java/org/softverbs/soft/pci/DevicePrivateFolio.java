package org.softverbs.soft.pci;

import java.lang.foreign.MemorySegment;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.softverbs.dma.PageFlag;
import org.softverbs.dma.PhysicalAllocation;
import org.softverbs.dma.PhysicalMemoryRequest;
import org.softverbs.dma.PhysicalRange;
import org.softverbs.verbs.Errno;
import org.softverbs.verbs.VerbsException;

/// Pages of a device's private memory that are together: they lie in the device, or as a whole in
/// system memory. Its addresses are names that stay: a vector with them means the bytes wherever
/// they lie.
///
/// While a device reaches it by an alias it cannot be moved. The CPU that looks at it
/// ([#segment], [#read], [#write]) makes it move, as a page fault does.
///
/// Safe to use from any thread. Kernel name: `struct folio` in `ZONE_DEVICE`.
public final class DevicePrivateFolio implements PhysicalAllocation {

    private final DevicePagemap pagemap;
    private final PhysicalAllocation name;
    private final MemorySegment deviceBytes;
    private final OptionalLong windowAddress;
    private @Nullable PhysicalAllocation system;
    private int borrowers;
    private boolean closed;

    DevicePrivateFolio(
            DevicePagemap pagemap,
            PhysicalAllocation name,
            MemorySegment deviceBytes,
            OptionalLong windowAddress) {
        this.pagemap = pagemap;
        this.name = name;
        this.deviceBytes = deviceBytes;
        this.windowAddress = windowAddress;
    }

    public DevicePagemap pagemap() {
        return pagemap;
    }

    /// The bytes in the device, for its owner.
    public MemorySegment deviceBytes() {
        return deviceBytes;
    }

    /// Where the owner's BAR shows it, if it does.
    public OptionalLong windowAddress() {
        return windowAddress;
    }

    /// Where it lies in system memory, once it was moved there.
    public synchronized Optional<PhysicalAllocation> system() {
        return Optional.ofNullable(system);
    }

    /// Sees to it that it lies in system memory.
    ///
    /// @return where
    /// @throws VerbsException `EBUSY` while a device reaches it by an alias, `ENOMEM` when there is
    ///     no memory, `EFAULT` once this is closed, and what the owner says; it stays where it is
    public synchronized PhysicalAllocation migrateToRam() {
        PhysicalAllocation present = system;
        if (present != null) {
            return present;
        }
        checkOpen("migrateToRam");
        checkNotLent("migrateToRam");
        PhysicalAllocation target =
                pagemap.memory().allocate(PhysicalMemoryRequest.contiguous(total()));
        try {
            pagemap.migrate(this, target);
        } catch (RuntimeException refused) {
            target.close();
            throw refused;
        }
        system = target;
        return target;
    }

    private void checkOpen(String verb) {
        if (closed) {
            throw new VerbsException(Errno.EFAULT, verb, this + " is no memory: it is closed");
        }
    }

    private void checkNotLent(String verb) {
        if (borrowers > 0) {
            throw new VerbsException(
                    Errno.EBUSY,
                    verb,
                    this + " is reached by an alias of " + borrowers + " mappings");
        }
    }

    /// Borrows it by its address in a BAR of the owner; it stays where it is until
    /// [#giveBack].
    ///
    /// @param client who wants to reach it; nothing for the CPU
    /// @return nothing when the owner has none for it, or it was moved
    /// @throws VerbsException `EFAULT` once this is closed
    public synchronized OptionalLong borrow(Optional<PciFunction> client) {
        if (system != null) {
            return OptionalLong.empty();
        }
        checkOpen("borrow");
        OptionalLong alias = pagemap.alias(this, client);
        if (alias.isPresent()) {
            borrowers++;
            pagemap.countAlias();
        }
        return alias;
    }

    /// Ends what [#borrow] began.
    public synchronized void giveBack() {
        borrowers--;
    }

    /// Mappings that reach it by an alias.
    public synchronized int borrowers() {
        return borrowers;
    }

    @Override
    public MemorySegment segment() {
        return migrateToRam().segment();
    }

    @Override
    public void read(long offset, MemorySegment target) {
        migrateToRam().read(offset, target);
    }

    @Override
    public void write(long offset, MemorySegment source) {
        migrateToRam().write(offset, source);
    }

    @Override
    public synchronized Set<PageFlag> flags() {
        PhysicalAllocation present = system;
        return present == null ? name.flags() : present.flags();
    }

    @Override
    public PhysicalRange range(long offset, long length) {
        return name.range(offset, length);
    }

    @Override
    public int count() {
        return 1;
    }

    @Override
    public long address(int index) {
        return name.address(index);
    }

    @Override
    public long length(int index) {
        return name.length(index);
    }

    /// Gives it back, wherever it lies, and with it the part of the BAR that showed it. Closing it
    /// again does nothing.
    ///
    /// @throws VerbsException `EBUSY` while a device reaches it by an alias; it stays open
    @Override
    public synchronized void close() {
        if (closed) {
            return;
        }
        checkNotLent("close");
        closed = true;
        pagemap.remove(this);
        name.close();
        PhysicalAllocation present = system;
        if (present != null) {
            present.close();
        }
    }

    @Override
    public String toString() {
        return "device-private memory of '"
                + pagemap.owner()
                + "' ("
                + total()
                + " bytes at 0x"
                + Long.toHexString(address(0))
                + ")";
    }
}
