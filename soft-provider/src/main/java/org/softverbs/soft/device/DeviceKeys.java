package org.softverbs.soft.device;

import java.util.List;
import org.jspecify.annotations.Nullable;
import org.softverbs.soft.dma.DmaAttachment;
import org.softverbs.soft.host.RandomSource;
import org.softverbs.soft.memory.DemandPages;
import org.softverbs.soft.memory.KeyTable;
import org.softverbs.soft.memory.KeyedMemory;
import org.softverbs.soft.memory.MemoryAccess;
import org.softverbs.soft.memory.OnDemandMemory;
import org.softverbs.soft.memory.RegionMemory;
import org.softverbs.soft.memory.RegisteredMemory;
import org.softverbs.soft.memory.WindowMemory;
import org.softverbs.soft.qp.DeviceWitness;
import org.softverbs.soft.sanitize.DeviceLedger;
import org.softverbs.soft.sanitize.KeyChecks;
import org.softverbs.soft.sanitize.RequestLedger;
import org.softverbs.verbs.AccessFlag;

/// The keys of a device, and the notes that the sanitizer takes of them. For the owner, but for
/// what says otherwise.
final class DeviceKeys {

    private final SoftDevice device;
    private final KeyTable table;
    private final MemoryAccess access;
    private final DemandPages.Counts pages = new DemandPages.Counts();
    private final int localDmaKey;
    private final @Nullable RequestLedger requests;
    private final @Nullable KeyChecks checks;

    DeviceKeys(SoftDevice device, RandomSource random, DmaAttachment attachment) {
        this.device = device;
        this.table = new KeyTable(random);
        this.access =
                attachment
                        .ledger()
                        .<MemoryAccess>map(it -> new CheckedKeys(table, it.keyChecks()))
                        .orElse(table);
        this.requests = attachment.ledger().map(DeviceLedger::requests).orElse(null);
        this.checks = attachment.ledger().map(DeviceLedger::keyChecks).orElse(null);
        this.localDmaKey =
                table.addLocalDmaKey(attachment.memory(), attachment.isZeroLocalDmaKey());
        if (requests != null) {
            requests.localDmaKey(localDmaKey);
            if (attachment.isZeroLocalDmaKey()) {
                requests.localDmaKey(0);
            }
        }
    }

    /// The way to memory.
    MemoryAccess access() {
        return access;
    }

    /// The local DMA key, a number that is no other key of the device. Any thread.
    int localDmaKey() {
        return localDmaKey;
    }

    /// Where requests under way are noted for the sanitizer, when it is on. Any thread.
    @Nullable RequestLedger requests() {
        return requests;
    }

    /// What judges keys for the sanitizer, when it is on. Any thread.
    @Nullable KeyChecks checks() {
        return checks;
    }

    int freshKey() {
        return table.freshKey();
    }

    /// What is registered for a segment: its pages come in on demand when that was asked for.
    RegionMemory memory(RegisteredMemory registered) {
        boolean onDemand = (registered.accessBits() & AccessFlag.ON_DEMAND.bit()) != 0;
        return onDemand ? new OnDemandMemory(registered, pages) : registered;
    }

    /// The region that a key opens, when it is one's.
    @Nullable RegionMemory region(int key) {
        return table.find(key) instanceof RegionMemory region ? region : null;
    }

    /// How pages came and went.
    DemandPages.Counts pages() {
        return pages;
    }

    int regions() {
        return table.regions();
    }

    int windows() {
        return table.windows();
    }

    List<WindowMemory> windowsOf(RegionMemory region) {
        return table.windowsOf(region);
    }

    /// Adds what has a key.
    void add(KeyedMemory memory) {
        table.add(memory);
        DeviceWitness witness = device.engine().witness();
        if (witness != null) {
            witness.registered(memory);
        }
    }

    /// Takes a key out of the table.
    void drop(int key) {
        table.remove(key);
        DeviceWitness witness = device.engine().witness();
        if (witness != null) {
            witness.deregistered(key);
        }
    }

    /// Takes a key out, for good. Any thread.
    void remove(int key) {
        device.owner()
                .run(
                        () -> {
                            drop(key);
                            if (checks != null) {
                                checks.removed(key);
                            }
                            // Packets under way may still point into the memory.
                            device.engine().link().detach();
                        });
    }

    /// A queue pair is gone: its windows are bound no more, its requests under way no more.
    void closed(int queuePair) {
        table.unbindAllOn(queuePair);
        forgetRequests(queuePair);
    }

    /// A queue pair has no requests under way any more.
    void forgetRequests(int queuePair) {
        if (requests != null) {
            requests.dropped(queuePair);
        }
    }
}
