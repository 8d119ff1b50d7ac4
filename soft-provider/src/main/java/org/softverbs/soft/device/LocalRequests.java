package org.softverbs.soft.device;

import java.util.Set;
import org.softverbs.soft.queue.SendWqe;
import org.softverbs.soft.sanitize.KeyChecks;
import org.softverbs.soft.sanitize.KeyUse;
import org.softverbs.verbs.AccessFlag;
import org.softverbs.verbs.Errno;
import org.softverbs.verbs.FastRegion;
import org.softverbs.verbs.MemoryRegion;
import org.softverbs.verbs.MemoryWindow;
import org.softverbs.verbs.MemoryWindowBinding;
import org.softverbs.verbs.MemoryWindowType;
import org.softverbs.verbs.VerbsException;

/// Checks and fills in the requests of a send queue that change what a key opens. What depends on
/// the state of keys is judged when the request has its turn.
final class LocalRequests {

    private static final String POST_SEND = "postSend";
    private static final String BIND = "bindMemoryWindow";

    private final SoftDevice device;

    LocalRequests(SoftDevice device) {
        this.device = device;
    }

    void bind(
            SendWqe wqe,
            int key,
            int regionKey,
            long address,
            long length,
            Set<AccessFlag> access) {
        device.rules().requireAccess(BIND, access);
        if (access.contains(AccessFlag.FLUSH_GLOBAL)
                || access.contains(AccessFlag.FLUSH_PERSISTENT)) {
            throw refused(POST_SEND, "access " + access + " asks for FLUSH, which no window has");
        }
        wqe.remote(address, key);
        wqe.binding(regionKey, length);
        wqe.accessBits(AccessFlag.bits(access));
    }

    void bind(SendWqe wqe, int key, MemoryWindowBinding binding) {
        int regionKey = binding.region().map(this::keyOf).orElse(0);
        bind(wqe, key, regionKey, binding.address(), binding.length(), binding.access());
    }

    /// The local key of a region that a window may be bound to.
    int keyOf(MemoryRegion region) {
        return own(region).localKey();
    }

    private SoftMemoryRegion own(MemoryRegion region) {
        if (region instanceof SoftMemoryRegion soft && isOwn(soft.device())) {
            return soft;
        }
        throw refused(POST_SEND, "the region is of another context, or no memory region");
    }

    @SuppressWarnings("ReferenceEquality")
    private boolean isOwn(SoftDevice other) {
        return other == device;
    }

    private SoftMemoryWindow own(String verb, MemoryWindow window, MemoryWindowType type) {
        if (!(window instanceof SoftMemoryWindow soft && isOwn(soft.domain().device()))) {
            throw refused(verb, "the window is of another context");
        }
        soft.requireOpen();
        if (soft.type() != type) {
            throw refused(
                    verb,
                    "a window of "
                            + soft.type()
                            + " is bound by "
                            + (type == MemoryWindowType.TYPE_1
                                    ? "a work request, BindMemoryWindow"
                                    : "the verb bindMemoryWindow"));
        }
        return soft;
    }

    void checkTypeTwo(MemoryWindow window, int key) {
        own(POST_SEND, window, MemoryWindowType.TYPE_2);
        checkKey(window, window.remoteKey(), key);
    }

    private void checkKey(Object what, int own, int key) {
        if (!Keys.areOfTheSame(own, key)) {
            KeyChecks checks = device.keys().checks();
            if (checks != null) {
                checks.refused(KeyUse.WRONG_INDEX, key);
            }
            throw refused(
                    POST_SEND,
                    "key 0x"
                            + Integer.toHexString(key)
                            + " differs from that of "
                            + what
                            + " in more than its low 8 bits");
        }
    }

    /// Checks the bind of a window of type 1.
    ///
    /// @return its new key
    int claimTypeOneKey(MemoryWindow window, MemoryWindowBinding binding) {
        SoftMemoryWindow soft = own(BIND, window, MemoryWindowType.TYPE_1);
        if (binding.access().contains(AccessFlag.ZERO_BASED)) {
            throw refused(BIND, "a window of type 1 cannot be ZERO_BASED");
        }
        if (binding.region().isPresent()) {
            SoftMemoryRegion region = own(binding.region().get());
            if (!region.protectionDomain().equals(soft.domain())) {
                throw new VerbsException(
                        Errno.EPERM, BIND, region + " is of another protection domain");
            }
        }
        return soft.claimKey();
    }

    /// Checks a registration.
    ///
    /// @return the region
    SoftFastRegion checkRegistration(FastRegion region, int key, Set<AccessFlag> access) {
        if (!(region instanceof SoftFastRegion soft && isOwn(soft.device()))) {
            throw refused(POST_SEND, "the region is of another context");
        }
        soft.requireOpen();
        checkKey(region, region.localKey(), key);
        device.rules().requireAccess(POST_SEND, access);
        boolean remoteChange =
                access.contains(AccessFlag.REMOTE_WRITE)
                        || access.contains(AccessFlag.REMOTE_ATOMIC);
        if (remoteChange && !access.contains(AccessFlag.LOCAL_WRITE)) {
            throw refused(
                    POST_SEND, "access " + access + " lets the peer write but lacks LOCAL_WRITE");
        }
        SoftProtectionDomain.requireVolatile(POST_SEND, access);
        if (access.contains(AccessFlag.MW_BIND)) {
            throw refused(POST_SEND, "windows cannot be bound to a fast registration");
        }
        return soft;
    }

    private static VerbsException refused(String verb, String reason) {
        return new VerbsException(Errno.EINVAL, verb, reason);
    }
}
