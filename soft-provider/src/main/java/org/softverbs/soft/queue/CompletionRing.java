package org.softverbs.soft.queue;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/// A bounded ring of completions: the device's owner adds, any thread takes.
///
/// A ring that overran is dead: it takes nothing more, and what was in it can still be read.
public final class CompletionRing {

    private static final int NOT_ARMED = 0;
    private static final int ARMED_FOR_SOLICITED = 1;
    private static final int ARMED_FOR_ANY = 2;

    private final CompletionEntry[] slots;
    private final int mask;
    private final AtomicLong added = new AtomicLong();
    private final AtomicLong taken = new AtomicLong();
    private final AtomicInteger armed = new AtomicInteger();
    private final Runnable notifier;
    private boolean overrun;
    private long lost;

    /// @param entries completions it must hold at least
    /// @param notifier run by the adding thread when an armed ring gets the completion it waits for
    public CompletionRing(int entries, Runnable notifier) {
        int capacity = Integer.highestOneBit(Math.max(1, entries - 1)) * 2;
        if (entries == 1) {
            capacity = 1;
        }
        slots = new CompletionEntry[capacity];
        for (int i = 0; i < capacity; i++) {
            slots[i] = new CompletionEntry();
        }
        mask = capacity - 1;
        this.notifier = notifier;
    }

    public int capacity() {
        return slots.length;
    }

    public boolean isEmpty() {
        // In this order: between the two looks others may take what was there and the owner add
        // more.
        return taken.get() == added.get();
    }

    /// Whether the ring died of an overrun.
    public boolean isOverrun() {
        return overrun;
    }

    /// Completions that found no room.
    public long lost() {
        return lost;
    }

    /// Adds a completion; for the owner only.
    ///
    /// @return false when there is no room: the ring is dead from now on
    public boolean add(CompletionEntry completion) {
        long at = added.getPlain();
        if (overrun || at - taken.getAcquire() == slots.length) {
            overrun = true;
            lost++;
            return false;
        }
        slots[(int) at & mask].copyFrom(completion);
        // Volatile, as is the read of `armed`: of arming-then-polling and adding-then-looking one
        // must see the other.
        added.set(at + 1);
        notifyIfArmed(completion.isSolicited());
        return true;
    }

    /// Takes the oldest completion.
    ///
    /// @return false when there is none
    public boolean take(CompletionEntry into) {
        if (isEmpty()) {
            return false;
        }
        synchronized (this) {
            long at = taken.getPlain();
            if (added.get() == at) {
                return false;
            }
            into.copyFrom(slots[(int) at & mask]);
            taken.setRelease(at + 1);
            return true;
        }
    }

    /// Asks for one notice at the next completion.
    public void arm(boolean solicitedOnly) {
        int wanted = solicitedOnly ? ARMED_FOR_SOLICITED : ARMED_FOR_ANY;
        armed.accumulateAndGet(wanted, Math::max);
    }

    /// Wakes the waiter once, for an error that is no completion.
    public void notifyWaiter() {
        notifyIfArmed(true);
    }

    private void notifyIfArmed(boolean solicited) {
        int state = armed.get();
        if (state == NOT_ARMED || (state == ARMED_FOR_SOLICITED && !solicited)) {
            return;
        }
        if (armed.getAndSet(NOT_ARMED) != NOT_ARMED) {
            notifier.run();
        }
    }
}
