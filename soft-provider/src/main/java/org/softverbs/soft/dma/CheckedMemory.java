package org.softverbs.soft.dma;

import java.util.function.BooleanSupplier;
import org.softverbs.soft.memory.AccessResult;
import org.softverbs.soft.memory.AddressedMemory;
import org.softverbs.soft.packet.RunList;
import org.softverbs.soft.sanitize.AccessChecks;
import org.softverbs.soft.sanitize.DeviceAccess;

/// Memory as a device sees it, with the sanitizer looking on.
final class CheckedMemory implements AddressedMemory {

    private final AddressedMemory memory;
    private final BooleanSupplier isStale;
    private final AccessChecks checks;

    /// @param isStale whether the last access went through by a stale entry of the IOTLB
    CheckedMemory(AddressedMemory memory, BooleanSupplier isStale, AccessChecks checks) {
        this.memory = memory;
        this.isStale = isStale;
        this.checks = checks;
    }

    @Override
    public AccessResult resolve(long address, long length, boolean write, RunList runs) {
        AccessResult result = memory.resolve(address, length, write, runs);
        checks.access(address, length, write, outcome(result));
        return result;
    }

    private DeviceAccess outcome(AccessResult result) {
        if (result == AccessResult.PRIVATE_MEMORY) {
            return DeviceAccess.PRIVATE;
        }
        if (result != AccessResult.GRANTED) {
            return DeviceAccess.REFUSED;
        }
        return isStale.getAsBoolean() ? DeviceAccess.GRANTED_BY_STALE_ENTRY : DeviceAccess.GRANTED;
    }
}
