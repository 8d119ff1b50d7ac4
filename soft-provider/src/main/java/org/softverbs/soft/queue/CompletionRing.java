package org.softverbs.soft.queue;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/// A bounded ring of completions: the device's owner adds, any thread takes.
///
/// A ring that overran is dead: it takes nothing more, and what was in it can still be read. One
/// that overwrites loses its oldest completion instead, and goes on.
public final class CompletionRing {

    private static final int NOT_ARMED = 0;
    private static final int ARMED_FOR_SOLICITED = 1;
    private static final int ARMED_FOR_ANY = 2;

    // As many as a power of two, so that a position's slot is found by its low bits. Changed by the
    // owner while nobody takes.
    private volatile CompletionEntry[] slots;
    private final AtomicLong added = new AtomicLong();
    private final AtomicLong taken = new AtomicLong();
    private final AtomicInteger armed = new AtomicInteger();
    private final boolean overwrites;
    private final Runnable notifier;
    private final Runnable holder;
    private int eventCount = 1;
    private int withheld;
    private boolean overrun;
    private long lost;

    /// @param entries completions it must hold at least
    /// @param notifier run by the adding thread when an armed ring gets the completion it waits for
    public CompletionRing(int entries, Runnable notifier) {
        this(entries, false, notifier, () -> {});
    }

    /// @param overwrites whether a full ring loses its oldest completion
    /// @param holder run by the adding thread when it begins to hold a notice back
    public CompletionRing(int entries, boolean overwrites, Runnable notifier, Runnable holder) {
        this.slots = room(entries);
        this.overwrites = overwrites;
        this.notifier = notifier;
        this.holder = holder;
    }

    /// Room for a resize.
    ///
    /// @param entries completions it must hold at least
    public static CompletionEntry[] room(int entries) {
        int capacity = entries == 1 ? 1 : Integer.highestOneBit(Math.max(1, entries - 1)) * 2;
        CompletionEntry[] room = new CompletionEntry[capacity];
        for (int i = 0; i < capacity; i++) {
            room[i] = new CompletionEntry();
        }
        return room;
    }

    /// Moves into other room what waits here, in its order; for the owner only. Who takes at the
    /// same time waits. An arming stays, and so does an overrun.
    ///
    /// @param entries how many completions were asked for, at most what the room holds
    /// @return how many completions wait; when they are more than were asked for nothing changed
    public synchronized int resize(CompletionEntry[] room, int entries) {
        long from = taken.getPlain();
        long to = added.getPlain();
        int waiting = (int) (to - from);
        if (waiting <= entries) {
            CompletionEntry[] old = slots;
            for (long at = from; at < to; at++) {
                room[slot(at, room)].copyFrom(old[slot(at, old)]);
            }
            slots = room;
        }
        return waiting;
    }

    private static int slot(long position, CompletionEntry[] in) {
        return (int) position & (in.length - 1);
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
        CompletionEntry[] into = slots;
        if (overrun || at - taken.getAcquire() == into.length) {
            if (!overwrites) {
                lost++;
                overrun = true;
                return false;
            }
            loseOldest(at - into.length);
        }
        into[slot(at, into)].copyFrom(completion);
        // Volatile, as is the read of `armed`: of arming-then-polling and adding-then-looking one
        // must see the other.
        added.set(at + 1);
        notifyIfArmed(completion.isSolicited());
        return true;
    }

    /// Makes room, unless somebody did so meanwhile by taking the one at the position.
    private synchronized void loseOldest(long at) {
        if (taken.getPlain() == at) {
            taken.setRelease(at + 1);
            lost++;
        }
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
            CompletionEntry[] from = slots;
            into.copyFrom(from[slot(at, from)]);
            taken.setRelease(at + 1);
            return true;
        }
    }

    /// Asks for one notice at the next completion.
    public void arm(boolean solicitedOnly) {
        int wanted = solicitedOnly ? ARMED_FOR_SOLICITED : ARMED_FOR_ANY;
        armed.accumulateAndGet(wanted, Math::max);
    }

    /// Holds a notice back until so many completions would have brought it; 1 for none. For the
    /// owner only.
    public void moderate(int count) {
        eventCount = Math.max(1, count);
        if (withheld >= eventCount) {
            release();
        }
    }

    /// Whether a notice is held back. For the owner only.
    public boolean isWithholding() {
        return withheld > 0;
    }

    /// Gives the notice that is held back, if there is one. For the owner only.
    public void release() {
        if (withheld > 0) {
            notifyOnce();
        }
    }

    /// Wakes the waiter once, for an error that is no completion.
    public void notifyWaiter() {
        notifyOnce();
    }

    private void notifyIfArmed(boolean solicited) {
        int state = armed.get();
        if (state == NOT_ARMED || (state == ARMED_FOR_SOLICITED && !solicited)) {
            return;
        }
        withheld++;
        if (withheld >= eventCount) {
            notifyOnce();
        } else if (withheld == 1) {
            holder.run();
        }
    }

    private void notifyOnce() {
        withheld = 0;
        if (armed.getAndSet(NOT_ARMED) != NOT_ARMED) {
            notifier.run();
        }
    }
}
