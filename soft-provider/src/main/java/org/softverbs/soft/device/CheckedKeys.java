package org.softverbs.soft.device;

import java.util.Optional;
import org.softverbs.soft.memory.AccessResult;
import org.softverbs.soft.memory.AccessRight;
import org.softverbs.soft.memory.Accessor;
import org.softverbs.soft.memory.MemoryAccess;
import org.softverbs.soft.packet.RunList;
import org.softverbs.soft.sanitize.KeyChecks;
import org.softverbs.soft.sanitize.KeyUse;
import org.softverbs.verbs.KeyFacts;

/// The keys of a device with the sanitizer looking on.
final class CheckedKeys implements MemoryAccess {

    private final MemoryAccess keys;
    private final KeyChecks checks;

    CheckedKeys(MemoryAccess keys, KeyChecks checks) {
        this.keys = keys;
        this.checks = checks;
    }

    private static Optional<KeyUse> misuse(AccessResult result, KeyChecks checks, int key) {
        return switch (result) {
            case NOT_PRIVILEGED -> Optional.of(KeyUse.LOCAL_KEY_UNPRIVILEGED);
            case LOCAL_KEY -> Optional.of(KeyUse.LOCAL_KEY_BY_PEER);
            case ALREADY_VALID -> Optional.of(KeyUse.ALREADY_VALID);
            case NOT_VALID -> Optional.of(KeyUse.NOT_VALID);
            case UNKNOWN_KEY -> checks.former(key);
            default -> Optional.empty();
        };
    }

    /// Judges what a request of the queue pair did.
    private AccessResult own(
            AccessResult result, Accessor who, int key, long address, long length) {
        misuse(result, checks, key)
                .ifPresent(use -> checks.misused(use, who.queuePair(), key, address, length));
        return result;
    }

    /// Judges what a request of the peer did.
    private AccessResult peers(
            AccessResult result, Accessor who, int key, long address, long length) {
        misuse(result, checks, key)
                .ifPresent(use -> checks.misusedByPeer(use, who.queuePair(), key, address, length));
        return result;
    }

    @Override
    public AccessResult resolve(
            Accessor who, int key, long address, long length, AccessRight right, RunList runs) {
        AccessResult result = keys.resolve(who, key, address, length, right, runs);
        return right.isRemote()
                ? peers(result, who, key, address, length)
                : own(result, who, key, address, length);
    }

    @Override
    public AccessResult resolveAll(Accessor who, int key, AccessRight right, RunList runs) {
        AccessResult result = keys.resolveAll(who, key, right, runs);
        return right.isRemote() ? peers(result, who, key, 0, 0) : own(result, who, key, 0, 0);
    }

    @Override
    public AccessResult invalidate(Accessor who, int key) {
        return peers(keys.invalidate(who, key), who, key, 0, 0);
    }

    @Override
    public AccessResult invalidateLocally(Accessor who, int key) {
        return own(keys.invalidateLocally(who, key), who, key, 0, 0);
    }

    @Override
    public AccessResult bind(
            Accessor who, int key, int regionKey, long address, long length, int accessBits) {
        return own(
                keys.bind(who, key, regionKey, address, length, accessBits),
                who,
                key,
                address,
                length);
    }

    @Override
    public AccessResult register(Accessor who, int key, int accessBits) {
        AccessResult result = own(keys.register(who, key, accessBits), who, key, 0, 0);
        if (result == AccessResult.GRANTED) {
            checks.registered(who.queuePair(), key);
        }
        return result;
    }

    @Override
    public KeyFacts facts(int key) {
        return keys.facts(key);
    }
}
