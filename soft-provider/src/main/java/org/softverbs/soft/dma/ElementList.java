package org.softverbs.soft.dma;

import java.util.Objects;
import org.softverbs.dma.PhysicalVector;
import org.softverbs.soft.pci.DevicePrivateFolio;
import org.softverbs.verbs.Errno;
import org.softverbs.verbs.VerbsException;

/// What one look over a vector found: where its elements lie, and how the device gets at each.
/// Lives as long as the transaction, not as long as the mapping.
final class ElementList {

    /// Finds how a device gets at a run of physical addresses.
    @FunctionalInterface
    interface Finder {
        ElementPath find(long address, long length);
    }

    private final long[] addresses;
    private final long[] lengths;
    private final ElementPath[] paths;
    private final DevicePrivatePages.Loans loans = DevicePrivatePages.newLoans();
    private long bytes;
    private int busElements;
    private int bouncedElements;

    private ElementList(int count) {
        addresses = new long[count];
        lengths = new long[count];
        paths = new ElementPath[count];
    }

    /// Looks at every element. Those that are device-private lie from now on where their owner
    /// moved or lent them, until [#loans] end.
    ///
    /// @throws VerbsException when there is none, or the device cannot get at one; what was moved
    ///     before stays moved
    static ElementList sweep(
            PhysicalVector vector, Finder finder, DevicePrivatePages privatePages) {
        if (vector.count() == 0) {
            throw new VerbsException(
                    Errno.EINVAL, VectorDmaDevice.MAP, "the vector has no element");
        }
        ElementList elements = new ElementList(vector.count());
        try {
            for (int i = 0; i < elements.count(); i++) {
                elements.set(i, vector.address(i), vector.length(i), finder, privatePages);
            }
        } catch (RuntimeException refused) {
            elements.loans.end();
            throw refused;
        }
        return elements;
    }

    private void set(
            int index, long named, long length, Finder finder, DevicePrivatePages privatePages) {
        long address = named;
        if (address < 0 || length < 1 || address > Long.MAX_VALUE - length) {
            throw new IllegalArgumentException(
                    "element " + index + ": " + length + " bytes at " + address);
        }
        DevicePrivateFolio folio = privatePages.folioAt(address, length);
        if (folio != null) {
            address = privatePages.settle(folio, address, length, finder, loans);
        }
        ElementPath path = finder.find(address, length);
        addresses[index] = address;
        lengths[index] = length;
        paths[index] = path;
        if (path instanceof ElementPath.Refused refused) {
            throw refusal(index, refused.errno(), refused.reason());
        }
        bytes += length;
        busElements += path instanceof ElementPath.Bus ? 1 : 0;
        bouncedElements += path.isBounced() ? 1 : 0;
    }

    int count() {
        return addresses.length;
    }

    long address(int index) {
        return addresses[index];
    }

    long length(int index) {
        return lengths[index];
    }

    ElementPath path(int index) {
        return paths[Objects.checkIndex(index, paths.length)];
    }

    /// What the mapping of these elements borrows, and gives back at its end.
    DevicePrivatePages.Loans loans() {
        return loans;
    }

    long bytes() {
        return bytes;
    }

    int busElements() {
        return busElements;
    }

    int bouncedElements() {
        return bouncedElements;
    }

    /// What to throw when an element cannot be mapped.
    VerbsException refusal(int index, Errno errno, String reason) {
        return new VerbsException(
                errno,
                VectorDmaDevice.MAP,
                "element "
                        + index
                        + " ("
                        + lengths[index]
                        + " bytes at physical address 0x"
                        + Long.toHexString(addresses[index])
                        + ") "
                        + reason);
    }
}
