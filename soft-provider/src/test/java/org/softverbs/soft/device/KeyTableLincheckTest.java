package org.softverbs.soft.device;

import java.lang.foreign.MemorySegment;
import java.util.concurrent.atomic.AtomicInteger;
import org.jetbrains.lincheck.datastructures.ModelCheckingOptions;
import org.jetbrains.lincheck.datastructures.Operation;
import org.junit.jupiter.api.Test;
import org.softverbs.soft.memory.AccessResult;
import org.softverbs.soft.memory.AccessRight;
import org.softverbs.soft.memory.Accessor;
import org.softverbs.soft.memory.KeyTable;
import org.softverbs.soft.memory.RegisteredMemory;
import org.softverbs.soft.packet.RunList;
import org.softverbs.verbs.AccessFlag;

/// M8: a key is looked up, for packets and for posts, while a program deregisters it and takes the
/// memory for something else: who finds the key finds the memory lent; under as many schedules of
/// three threads as the model checker is given.
///
/// What it finds when it is broken on purpose: a removal beside the owner's lock.
class KeyTableLincheckTest {

    private static final int KEY = 0x1234_5678;
    private static final int DOMAIN = 1;
    private static final int LENGTH = 64;
    private static final Accessor PEER = new Accessor(DOMAIN, 7, false);

    /// A device whose every turn writes to the memory, if the key still opens it.
    private static final class Placing extends IdleDevice {

        final AtomicInteger posted = new AtomicInteger();
        private final KeyTable keys = new KeyTable(bits -> 1);
        private final RunList runs = new RunList();
        private final MemorySegment memory = MemorySegment.ofArray(new byte[LENGTH]);
        private volatile boolean lent;

        /// A program's verb: the memory is the device's from here on.
        void register(DeviceOwner owner) {
            lent = true;
            owner.run(
                    () ->
                            keys.add(
                                    new RegisteredMemory(
                                            KEY,
                                            DOMAIN,
                                            0,
                                            memory,
                                            AccessFlag.REMOTE_WRITE.bit())));
        }

        /// A program's verb: when it returns the memory is the program's again.
        void deregister(DeviceOwner owner) {
            owner.run(() -> keys.remove(KEY));
            lent = false;
        }

        private void place() {
            runs.clear();
            AccessResult result =
                    keys.resolve(PEER, KEY, 0, LENGTH, AccessRight.REMOTE_WRITE, runs);
            if (result == AccessResult.GRANTED && !lent) {
                throw new IllegalStateException("touches memory that was given back");
            }
        }

        @Override
        public int progress(long waitNanos) {
            place();
            return 0;
        }

        @Override
        public void transmitPosted() {
            posted.set(0);
            place();
        }

        @Override
        public boolean hasPosted() {
            return posted.get() > 0;
        }
    }

    /// A device, the program that lends memory to it, and others.
    public static final class Used {

        private final Placing device = new Placing();
        private final DeviceOwner owner = new DeviceOwner(ProgressMode.MANUAL, () -> 0);

        /// With its device, that has a region.
        public Used() {
            owner.add(device);
            device.register(owner);
        }

        /// The program registers anew.
        @Operation(nonParallelGroup = "program")
        public void register() {
            device.register(owner);
        }

        /// The program takes its memory back.
        @Operation(nonParallelGroup = "program")
        public void deregister() {
            device.deregister(owner);
        }

        /// A packet arrives.
        @Operation
        public void progress() {
            owner.progress();
        }

        /// Somebody posts.
        @Operation
        public void post() {
            device.posted.incrementAndGet();
            owner.onPosted(device);
        }
    }

    @Test
    void shouldTouchNothingOnceAKeyIsTakenOut() {
        new ModelCheckingOptions()
                .threads(3)
                .actorsPerThread(2)
                .actorsBefore(0)
                .actorsAfter(0)
                .iterations(4)
                .invocationsPerIteration(400)
                .check(Used.class);
    }
}
