package org.softverbs.soft.bounce;

/// What may be done through a map.
///
/// Kernel names: `VHOST_MAP_RO`, `VHOST_MAP_WO`, `VHOST_MAP_RW`.
public enum IotlbPermission {
    READ_ONLY(1),
    WRITE_ONLY(2),
    READ_WRITE(3);

    private final int bits;

    IotlbPermission(int bits) {
        this.bits = bits;
    }

    /// The number that goes over the vhost interface.
    public int bits() {
        return bits;
    }

    /// Whether all of an access is allowed.
    public boolean permits(IotlbPermission access) {
        return (bits & access.bits) == access.bits;
    }
}
