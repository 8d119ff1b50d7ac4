package org.softverbs.soft.dma;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;
import org.softverbs.dma.PhysicalVector;
import org.softverbs.dma.ScatterList;
import org.softverbs.soft.pci.DevicePagemaps;
import org.softverbs.soft.pci.DevicePrivateFolio;
import org.softverbs.soft.pci.PciFunction;
import org.softverbs.verbs.Errno;
import org.softverbs.verbs.VerbsException;

/// Finds where pages that some device keeps for itself can be reached, before they are mapped.
///
/// An element is found by the names of its pages; what the rest of the layer sees is where they
/// lie: system memory, or a BAR of their owner.
final class DevicePrivatePages {

    /// The folios that one mapping reaches by an alias; they stay where they are until it ends.
    static final class Loans {

        /// Of a mapping without any.
        static final Loans NONE = new Loans();

        private final List<DevicePrivateFolio> folios = new ArrayList<>();

        private Loans() {}

        /// Ends them, once.
        void end() {
            folios.forEach(DevicePrivateFolio::giveBack);
            folios.clear();
        }
    }

    private final DevicePagemaps pagemaps;
    private final DevicePrivatePolicy policy;
    private final Optional<PciFunction> client;

    /// @param client the device that maps; nothing for one whose data the CPU moves
    DevicePrivatePages(
            DevicePagemaps pagemaps, DevicePrivatePolicy policy, Optional<PciFunction> client) {
        this.pagemaps = pagemaps;
        this.policy = policy;
        this.client = client;
    }

    /// The same, but nothing is moved or lent.
    DevicePrivatePages refusing() {
        return new DevicePrivatePages(pagemaps, DevicePrivatePolicy.REFUSE, client);
    }

    /// The same without aliases.
    DevicePrivatePages withoutAliases() {
        return policy.migrates()
                ? new DevicePrivatePages(pagemaps, DevicePrivatePolicy.MIGRATE, client)
                : refusing();
    }

    /// The folio behind a range, if it is device-private.
    @Nullable DevicePrivateFolio folioAt(long address, long length) {
        return pagemaps.folioAt(address, length);
    }

    /// Finds where a part of a folio can be reached now, and moves the folio when it must.
    ///
    /// @param finder how the device gets at an address
    /// @param loans what the mapping has borrowed
    /// @return the physical address
    /// @throws VerbsException naming page and owner, when the policy or the owner has no way, or
    ///     the device does not reach it
    long settle(
            DevicePrivateFolio folio,
            long address,
            long length,
            ElementList.Finder finder,
            Loans loans) {
        long offset = address - folio.address(0);
        if (folio.system().isPresent()) {
            return folio.migrateToRam().address(0) + offset;
        }
        if (client.isPresent() && client.get().equals(folio.pagemap().owner())) {
            throw refusal(Errno.EINVAL, folio, address, "is the adapter's own");
        }
        if (policy.aliases()) {
            OptionalLong alias = borrow(folio, offset, length, finder, loans);
            if (alias.isPresent()) {
                return alias.getAsLong();
            }
        }
        // Somebody else may have moved it meanwhile.
        if (!policy.migrates() && folio.system().isEmpty()) {
            String reason =
                    policy.aliases()
                            ? "has no alias that the device reaches"
                            : "may be neither moved nor reached by an alias";
            throw refusal(Errno.EIO, folio, address, reason);
        }
        return folio.migrateToRam().address(0) + offset;
    }

    /// The elements of a vector where they lie now: what was moved, in system memory.
    ScatterList settled(PhysicalVector vector) {
        ScatterList settled = new ScatterList();
        for (int i = 0; i < vector.count(); i++) {
            settled.add(settled(vector.address(i), vector.length(i)), 0, vector.length(i));
        }
        return settled;
    }

    private long settled(long address, long length) {
        DevicePrivateFolio folio = folioAt(address, length);
        return folio == null
                ? address
                : folio.system()
                        .map(it -> it.address(0) + address - folio.address(0))
                        .orElse(address);
    }

    private OptionalLong borrow(
            DevicePrivateFolio folio,
            long offset,
            long length,
            ElementList.Finder finder,
            Loans loans) {
        OptionalLong alias = folio.borrow(client);
        if (alias.isEmpty()) {
            return alias;
        }
        long at = alias.getAsLong() + offset;
        if (finder.find(at, length) instanceof ElementPath.Refused) {
            folio.giveBack();
            return OptionalLong.empty();
        }
        loans.folios.add(folio);
        return OptionalLong.of(at);
    }

    /// For a mapping that may borrow.
    static Loans newLoans() {
        return new Loans();
    }

    private static VerbsException refusal(
            Errno errno, DevicePrivateFolio folio, long address, String reason) {
        return new VerbsException(
                errno,
                VectorDmaDevice.MAP,
                "the page at physical address 0x"
                        + Long.toHexString(address)
                        + " of "
                        + folio
                        + " "
                        + reason);
    }
}
