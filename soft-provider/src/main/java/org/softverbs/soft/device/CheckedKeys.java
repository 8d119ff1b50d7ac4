package org.softverbs.soft.device;

import org.softverbs.soft.memory.AccessResult;
import org.softverbs.soft.memory.AccessRight;
import org.softverbs.soft.memory.Accessor;
import org.softverbs.soft.memory.MemoryAccess;
import org.softverbs.soft.packet.RunList;
import org.softverbs.soft.sanitize.KeyChecks;
import org.softverbs.soft.sanitize.KeyUse;

/// The keys of a device with the sanitizer looking on.
final class CheckedKeys implements MemoryAccess {

    private final MemoryAccess keys;
    private final KeyChecks checks;

    CheckedKeys(MemoryAccess keys, KeyChecks checks) {
        this.keys = keys;
        this.checks = checks;
    }

    private AccessResult judged(AccessResult result, int key, long address, long length) {
        switch (result) {
            case NOT_PRIVILEGED ->
                    checks.misused(KeyUse.LOCAL_KEY_UNPRIVILEGED, key, address, length);
            case LOCAL_KEY -> checks.misused(KeyUse.LOCAL_KEY_BY_PEER, key, address, length);
            case ALREADY_VALID -> checks.misused(KeyUse.ALREADY_VALID, key, address, length);
            case NOT_VALID -> checks.misused(KeyUse.NOT_VALID, key, address, length);
            case UNKNOWN_KEY -> checks.unknown(key, address, length);
            default -> {}
        }
        return result;
    }

    @Override
    public AccessResult resolve(
            Accessor who, int key, long address, long length, AccessRight right, RunList runs) {
        AccessResult result = keys.resolve(who, key, address, length, right, runs);
        return judged(result, key, address, length);
    }

    @Override
    public AccessResult invalidate(Accessor who, int key) {
        return judged(keys.invalidate(who, key), key, 0, 0);
    }

    @Override
    public AccessResult invalidateLocally(Accessor who, int key) {
        return judged(keys.invalidateLocally(who, key), key, 0, 0);
    }

    @Override
    public AccessResult bind(
            Accessor who, int key, int regionKey, long address, long length, int accessBits) {
        return judged(
                keys.bind(who, key, regionKey, address, length, accessBits), key, address, length);
    }

    @Override
    public AccessResult register(Accessor who, int key, int accessBits) {
        AccessResult result = judged(keys.register(who, key, accessBits), key, 0, 0);
        if (result == AccessResult.GRANTED) {
            checks.registered(key);
        }
        return result;
    }
}
