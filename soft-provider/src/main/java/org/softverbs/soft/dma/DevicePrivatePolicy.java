package org.softverbs.soft.dma;

/// What a device is given for pages that another device keeps for itself.
public enum DevicePrivatePolicy {
    /// Nothing, as in Linux, where whoever maps must have moved them before.
    REFUSE(false, false),
    /// Their owner moves them to system memory (`migrate_to_ram`).
    MIGRATE(false, true),
    /// Their owner lends an address in one of its BARs (`get_dma_pfn_for_device`); nothing moves.
    ALIAS(true, false),
    /// An alias where the owner has one that the device reaches; else they are moved.
    ALIAS_OR_MIGRATE(true, true);

    private final boolean aliases;
    private final boolean migrates;

    DevicePrivatePolicy(boolean aliases, boolean migrates) {
        this.aliases = aliases;
        this.migrates = migrates;
    }

    boolean aliases() {
        return aliases;
    }

    boolean migrates() {
        return migrates;
    }
}
