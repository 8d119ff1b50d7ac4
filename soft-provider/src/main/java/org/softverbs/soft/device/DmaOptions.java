package org.softverbs.soft.device;

import java.util.Locale;
import org.softverbs.dma.DmaAddressing;
import org.softverbs.soft.dma.BouncePolicy;
import org.softverbs.soft.dma.DevicePrivatePolicy;
import org.softverbs.soft.dma.DmaSettings;
import org.softverbs.soft.dma.PeerSettings;
import org.softverbs.soft.pci.BarLookup;

/// Reads the settings of a device that say how it is attached to memory.
final class DmaOptions {

    /// What the settings are called.
    static final String NAMES =
            "addressing, iommu, granule, swiotlb, mask, peers, bars, device-private";

    private static final String ON = "on";
    private static final String OFF = "off";

    private final boolean isAdapter;
    private DmaAddressing addressing;
    private boolean iommu;
    private long granule = DmaSettings.PAGE;
    private BouncePolicy bouncePolicy = BouncePolicy.WHERE_NEEDED;
    private int maskBits = Long.SIZE;
    private PeerSettings peers = PeerSettings.standard();

    /// @param isAdapter whether the kind of device is an adapter
    DmaOptions(boolean isAdapter) {
        this.isAdapter = isAdapter;
        this.addressing = isAdapter ? DmaAddressing.IOVA : DmaAddressing.PHYSICAL;
        this.iommu = isAdapter;
    }

    /// Takes a setting.
    ///
    /// @return false when its name is none of [#NAMES]
    /// @throws org.softverbs.verbs.VerbsException `EINVAL` for a value that is none
    boolean take(String name, String value) {
        String word = value.toLowerCase(Locale.ROOT);
        switch (name) {
            case "addressing" -> addressing = addressing(word);
            case "iommu" -> iommu = isOn(word);
            case "granule" -> granule = number("granule", word);
            case "swiotlb" -> bouncePolicy = bouncePolicy(word);
            case "mask" -> maskBits = (int) Math.min(number("mask", word), Integer.MAX_VALUE);
            case "peers" -> peers = peers.withBounces(isBounced(word));
            case "bars" -> peers = peers.withLookup(lookup(word));
            case "device-private" -> peers = peers.withDevicePrivate(devicePrivate(word));
            default -> {
                return false;
            }
        }
        return true;
    }

    private static DmaAddressing addressing(String word) {
        return switch (word) {
            case "physical" -> DmaAddressing.PHYSICAL;
            case "virtual" -> DmaAddressing.VIRTUAL;
            case "iova" -> DmaAddressing.IOVA;
            default ->
                    throw DeviceOptions.refused(
                            "addressing '" + word + "' is none of physical, virtual, iova");
        };
    }

    private static boolean isOn(String word) {
        return switch (word) {
            case ON -> true;
            case OFF -> false;
            default -> throw DeviceOptions.refused("iommu '" + word + "' is neither on nor off");
        };
    }

    private static BouncePolicy bouncePolicy(String word) {
        return switch (word) {
            case OFF -> BouncePolicy.OFF;
            case ON -> BouncePolicy.WHERE_NEEDED;
            case "force" -> BouncePolicy.ALWAYS;
            default ->
                    throw DeviceOptions.refused("swiotlb '" + word + "' is none of off, on, force");
        };
    }

    private static boolean isBounced(String word) {
        return switch (word) {
            case "refuse" -> false;
            case "bounce" -> true;
            default ->
                    throw DeviceOptions.refused(
                            "peers '" + word + "' is neither refuse nor bounce");
        };
    }

    private static BarLookup lookup(String word) {
        return switch (word) {
            case "intervals" -> BarLookup.INTERVALS;
            case "hash" -> BarLookup.HASH;
            case "pointers" -> BarLookup.POINTERS;
            default ->
                    throw DeviceOptions.refused(
                            "bars '" + word + "' is none of intervals, hash, pointers");
        };
    }

    private static DevicePrivatePolicy devicePrivate(String word) {
        return switch (word) {
            case "refuse" -> DevicePrivatePolicy.REFUSE;
            case "migrate" -> DevicePrivatePolicy.MIGRATE;
            case "alias" -> DevicePrivatePolicy.ALIAS;
            case "alias-or-migrate" -> DevicePrivatePolicy.ALIAS_OR_MIGRATE;
            default ->
                    throw DeviceOptions.refused(
                            "device-private '"
                                    + word
                                    + "' is none of refuse, migrate, alias, alias-or-migrate");
        };
    }

    private static long number(String name, String word) {
        try {
            return Long.parseLong(word);
        } catch (NumberFormatException e) {
            throw DeviceOptions.refused(name + " '" + word + "' is no number");
        }
    }

    /// All settings together.
    ///
    /// @throws org.softverbs.verbs.VerbsException `EINVAL` when they make no sense together
    DmaSettings settings() {
        if (isAdapter && addressing != DmaAddressing.IOVA) {
            throw DeviceOptions.refused(
                    "an adapter has no addressing '"
                            + addressing.name().toLowerCase(Locale.ROOT)
                            + "': that is for devices whose data the CPU moves, rxe");
        }
        try {
            return new DmaSettings(addressing, iommu, granule, bouncePolicy, maskBits, peers);
        } catch (IllegalArgumentException wrong) {
            throw DeviceOptions.refused(String.valueOf(wrong.getMessage()));
        }
    }
}
