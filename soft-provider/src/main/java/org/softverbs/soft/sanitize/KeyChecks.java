package org.softverbs.soft.sanitize;

import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.softverbs.dma.AddressSpace;
import org.softverbs.sanitizer.Finding;

/// Checks of how keys are used. The call site is where the device was driven, for a refusal comes
/// when a request has its turn.
public final class KeyChecks {

    private static final int VARIANT_BITS = 8;

    private final DeviceLedger ledger;

    /// Keys that each index was registered with.
    private final Map<Integer, Set<Integer>> used = new HashMap<>();

    KeyChecks(DeviceLedger ledger) {
        this.ledger = ledger;
    }

    /// A key was used wrongly.
    public void misused(KeyUse use, int key, long address, long length) {
        synchronized (ledger.lock()) {
            ledger.report(
                    use.isLocalKey() ? Finding.LOCAL_KEY_MISUSED : Finding.FAST_KEY_MISUSED,
                    AddressSpace.VIRTUAL,
                    address,
                    length,
                    null,
                    "key 0x" + Integer.toHexString(key) + ": " + use.detail());
        }
    }

    /// No memory has a key that was used: perhaps one had.
    public void unknown(int key, long address, long length) {
        synchronized (ledger.lock()) {
            Set<Integer> keys = used.getOrDefault(key >>> VARIANT_BITS, Set.of());
            if (keys.contains(key)) {
                misused(KeyUse.STALE_KEY, key, address, length);
            }
        }
    }

    /// A region was registered.
    public void registered(int key) {
        synchronized (ledger.lock()) {
            Set<Integer> keys = used.computeIfAbsent(key >>> VARIANT_BITS, any -> new HashSet<>());
            if (!keys.add(key)) {
                misused(KeyUse.KEY_CAME_BACK, key, 0, 0);
            }
        }
    }
}
