package org.softverbs.soft.device;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.softverbs.soft.host.Host;

/// Who drives a device, and what the others get to wait for.
class DeviceOwnerTest {

    private static final int PATIENCE_SECONDS = 30;

    /// A device with a sleep in it and posts to send, but without packets.
    private static class Sleeper extends IdleDevice {

        final Semaphore wakeups = new Semaphore(0);
        final AtomicInteger posted = new AtomicInteger();
        final AtomicInteger sent = new AtomicInteger();
        final CompletableFuture<Throwable> death = new CompletableFuture<>();
        final Thread user = Thread.currentThread();
        volatile boolean wanted;
        final AtomicInteger sleptWhileWanted = new AtomicInteger();

        @Override
        public int progress(long waitNanos) {
            try {
                // One who wants the device has woken it already.
                boolean late = wanted;
                boolean woken = wakeups.tryAcquire(waitNanos, TimeUnit.NANOSECONDS);
                if (late && !woken && waitNanos > 0) {
                    sleptWhileWanted.incrementAndGet();
                }
                wakeups.drainPermits();
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
            return 0;
        }

        @Override
        public int progressForPoller() {
            return 0;
        }

        @Override
        public void transmitPosted() {
            sent.addAndGet(posted.getAndSet(0));
        }

        @Override
        public boolean hasPosted() {
            return posted.get() > 0;
        }

        @Override
        public void wakeup() {
            wakeups.release();
            if (Thread.currentThread() == user) {
                wanted = true;
            }
        }

        @Override
        public void onThreadDeath(Throwable cause) {
            death.complete(cause);
        }
    }

    @Test
    void shouldSendWhatWasPostedWhileTheDeviceWasTaken() throws Exception {
        DeviceOwner owner = new DeviceOwner(ProgressMode.MANUAL, Host.local().clock());
        Sleeper device = new Sleeper();
        owner.add(device);
        CountDownLatch taken = new CountDownLatch(1);
        CountDownLatch posted = new CountDownLatch(1);
        Thread holder =
                Thread.ofPlatform()
                        .start(
                                () ->
                                        owner.run(
                                                () -> {
                                                    taken.countDown();
                                                    await(posted);
                                                }));
        await(taken);
        device.posted.incrementAndGet();
        owner.onPosted(device);
        assertThat(device.sent).hasValue(0);
        posted.countDown();
        holder.join();
        assertThat(device.sent).hasValue(1);
    }

    @Test
    void shouldNotSleepWhileSomebodyWantsTheDevice() {
        DeviceOwner owner = new DeviceOwner(ProgressMode.LOOP, Host.local().clock());
        Sleeper device = new Sleeper();
        owner.add(device);
        for (int i = 0; i < 20_000; i++) {
            owner.run(() -> device.wanted = false);
        }
        assertThat(device.sleptWhileWanted).hasValue(0);
        owner.remove(device);
    }

    @Test
    void shouldTellTheDeviceWhenItsThreadDies() throws Exception {
        DeviceOwner owner = new DeviceOwner(ProgressMode.LOOP, Host.local().clock());
        Sleeper device =
                new Sleeper() {
                    @Override
                    public int progress(long waitNanos) {
                        throw new IllegalStateException("made to fail");
                    }
                };
        owner.add(device);
        assertThat(device.death.get(PATIENCE_SECONDS, TimeUnit.SECONDS))
                .hasMessageContaining("made to fail");
        owner.remove(device);
    }

    @Test
    void shouldNotTakeADeviceWhenItsLastOneIsGone() {
        DeviceOwner owner = new DeviceOwner(ProgressMode.MANUAL, Host.local().clock());
        Sleeper first = new Sleeper();
        owner.add(first);
        owner.remove(first);
        assertThatThrownBy(() -> owner.add(new Sleeper()))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("closed");
    }

    private static void await(CountDownLatch latch) {
        try {
            assertThat(latch.await(PATIENCE_SECONDS, TimeUnit.SECONDS)).isTrue();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }
}
