package org.softverbs.soft.device;

import org.softverbs.dma.DmaAddressing;
import org.softverbs.dma.DmaDevice;
import org.softverbs.dma.DmaLimits;
import org.softverbs.soft.dma.SoftwareDmaDevice;
import org.softverbs.soft.host.Host;
import org.softverbs.soft.memory.AddressedMemory;
import org.softverbs.verbs.Errno;
import org.softverbs.verbs.VerbsException;

/// How a device is attached to its host's memory: the layer that gives it addresses, and what it
/// finds at them.
///
/// @param device makes memory reachable for the device
/// @param memory what the device sees at the addresses that it is given
public record DmaAttachment(DmaDevice device, AddressedMemory memory) {

    private static final int ADDRESS_BITS = 64;

    /// The attachment that a device with this kind of addresses has.
    ///
    /// @throws VerbsException `EOPNOTSUPP` for addresses that a device whose data the CPU moves
    ///     does not have
    public static DmaAttachment of(DmaAddressing addressing, Host host) {
        return switch (addressing) {
            case PHYSICAL, VIRTUAL -> {
                SoftwareDmaDevice software =
                        new SoftwareDmaDevice(
                                host.physicalMemory(), addressing, DmaLimits.ofBits(ADDRESS_BITS));
                yield new DmaAttachment(software, software.memory());
            }
            case IOVA ->
                    throw new VerbsException(
                            Errno.EOPNOTSUPP,
                            "open",
                            "addressing 'iova' needs an adapter; a device of kind rxe has its data"
                                    + " moved by the CPU: use physical or virtual");
        };
    }

    /// Whether 0 is another name for the local DMA key, as with software devices.
    boolean isZeroLocalDmaKey() {
        return device.addressing() != DmaAddressing.IOVA;
    }
}
