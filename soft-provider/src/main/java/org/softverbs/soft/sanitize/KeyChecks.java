package org.softverbs.soft.sanitize;

import java.util.ArrayDeque;
import java.util.BitSet;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.softverbs.dma.AddressSpace;
import org.softverbs.sanitizer.CallSite;
import org.softverbs.sanitizer.Finding;

/// Checks of how keys are used. A refusal comes when a request has its turn: the call site is where
/// the request was posted. What a peer does wrongly was posted elsewhere: there the call site is
/// the device's own.
///
/// Guarded by the lock of the host's sanitizer.
public final class KeyChecks {

    private static final int VARIANT_BITS = 8;
    private static final int VARIANTS = (1 << VARIANT_BITS) - 1;
    private static final int MOST_CLOSED = 4096;

    /// The keys that a region was registered with.
    private static final class Region {
        private final BitSet variants = new BitSet(VARIANTS + 1);
        private boolean isClosed;
    }

    private final DeviceLedger ledger;
    private final Map<Integer, Region> regions = new HashMap<>();
    private final ArrayDeque<Integer> closed = new ArrayDeque<>();

    KeyChecks(DeviceLedger ledger) {
        this.ledger = ledger;
    }

    /// A key was used wrongly by a request.
    public void misused(KeyUse use, int queuePair, int key, long address, long length) {
        synchronized (ledger.lock()) {
            Optional<PostedRequest> request = ledger.requests().using(queuePair, key, address);
            report(
                    use,
                    key,
                    address,
                    length,
                    request.map(it -> ": " + it).orElse(""),
                    request.map(PostedRequest::site).orElseGet(this::here));
        }
    }

    /// A key was used wrongly by the peer of a queue pair.
    public void misusedByPeer(KeyUse use, int queuePair, int key, long address, long length) {
        synchronized (ledger.lock()) {
            String who = ": by the peer of queue pair " + queuePair;
            report(use, key, address, length, who, here());
        }
    }

    /// A request was refused when it was to be posted.
    public void refused(KeyUse use, int key) {
        synchronized (ledger.lock()) {
            report(use, key, 0, 0, "", here());
        }
    }

    /// A key is to be given to a region that had it before, while a request of then is under way.
    void cameBack(PostedRequest stale, KeyedRanges registered) {
        @Nullable TrackedMapping mapping =
                registered.all().stream()
                        .flatMap(it -> ledger.liveAt(it.address(), 1).stream())
                        .findFirst()
                        .orElse(null);
        report(KeyUse.KEY_CAME_BACK, registered.key(), 0, 0, mapping, ": " + stale, here());
    }

    private CallSite here() {
        return ledger.sanitizer().reporter().here();
    }

    private void report(
            KeyUse use, int key, long address, long length, String who, CallSite conflictAt) {
        @Nullable TrackedMapping mapping = ledger.requests().mappingBehind(key, address);
        report(use, key, address, length, mapping, who, conflictAt);
    }

    private void report(
            KeyUse use,
            int key,
            long address,
            long length,
            @Nullable TrackedMapping mapping,
            String who,
            CallSite conflictAt) {
        ledger.reportAt(
                use.isLocalKey() ? Finding.LOCAL_KEY_MISUSED : Finding.FAST_KEY_MISUSED,
                AddressSpace.VIRTUAL,
                address,
                length,
                mapping,
                "key 0x" + Integer.toHexString(key) + ": " + use.detail() + who,
                conflictAt);
    }

    /// Why a key that no memory has is none, when it was one once.
    public Optional<KeyUse> former(int key) {
        synchronized (ledger.lock()) {
            Region region = regions.get(key >>> VARIANT_BITS);
            if (region == null || !region.variants.get(key & VARIANTS)) {
                return Optional.empty();
            }
            return Optional.of(region.isClosed ? KeyUse.REGION_CLOSED : KeyUse.STALE_KEY);
        }
    }

    /// A region was registered.
    public void registered(int queuePair, int key) {
        synchronized (ledger.lock()) {
            int index = key >>> VARIANT_BITS;
            Region region = regions.get(index);
            if (region == null || region.isClosed) {
                region = new Region();
                regions.put(index, region);
            }
            region.variants.set(key & VARIANTS);
            ledger.requests().granted(queuePair, key);
        }
    }

    /// A key was given up with its memory. The keys of the last regions are remembered.
    public void removed(int key) {
        synchronized (ledger.lock()) {
            int index = key >>> VARIANT_BITS;
            ledger.requests().removed(key);
            Region region = regions.get(index);
            if (region != null && !region.isClosed) {
                region.isClosed = true;
                closed.addLast(index);
            }
            if (closed.size() > MOST_CLOSED) {
                forget(closed.removeFirst());
            }
        }
    }

    /// Unless the index is that of a new region.
    private void forget(int index) {
        Region oldest = regions.get(index);
        if (oldest != null && oldest.isClosed) {
            regions.remove(index);
        }
    }
}
