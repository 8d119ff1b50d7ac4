package org.softverbs.soft.device;

import java.util.concurrent.atomic.AtomicInteger;
import org.jetbrains.lincheck.datastructures.ModelCheckingOptions;
import org.jetbrains.lincheck.datastructures.Operation;
import org.jetbrains.lincheck.datastructures.Validate;
import org.junit.jupiter.api.Test;

/// Who sends what was posted while another was the owner, under as many schedules of three
/// threads as the model checker is given. There is no thread of the device's own here that could
/// come by later.
///
/// What it finds when it is broken on purpose: an owner that gives the lock back and does not look
/// for posts after that, one that looks before it gives the lock back, a post that is sent without
/// the lock.
class DeviceOwnerLincheckTest {

    /// A device that counts what it was given.
    private static final class Counting extends IdleDevice {

        final AtomicInteger posted = new AtomicInteger();
        int owners;

        private void asOwner() {
            owners++;
            posted.getAndSet(0);
            requireAlone();
            owners--;
        }

        private void requireAlone() {
            if (owners != 1) {
                throw new IllegalStateException("two owners at a time");
            }
        }

        void change() {
            owners++;
            requireAlone();
            owners--;
        }

        @Override
        public int progress(long waitNanos) {
            asOwner();
            return 0;
        }

        @Override
        public void transmitPosted() {
            asOwner();
        }

        @Override
        public boolean hasPosted() {
            return posted.get() > 0;
        }
    }

    /// A device and those who use it.
    public static final class Used {

        private final Counting device = new Counting();
        private final DeviceOwner owner = new DeviceOwner(ProgressMode.MANUAL, () -> 0);

        /// With its device.
        public Used() {
            owner.add(device);
        }

        /// A program posts.
        @Operation
        public void post() {
            device.posted.incrementAndGet();
            owner.onPosted(device);
        }

        /// A control verb.
        @Operation
        public void modify() {
            owner.run(device::change);
        }

        /// A program drives the device.
        @Operation
        public void progress() {
            owner.progress();
        }

        /// When nobody does anything any more.
        @Validate
        public void nothingWaits() {
            if (device.hasPosted()) {
                throw new IllegalStateException("what was posted is not sent");
            }
        }
    }

    @Test
    void shouldSendWhatWasPostedWhileAnotherWasTheOwner() {
        new ModelCheckingOptions()
                .threads(3)
                .actorsPerThread(2)
                .actorsBefore(0)
                .actorsAfter(0)
                .iterations(3)
                .invocationsPerIteration(400)
                .check(Used.class);
    }
}
