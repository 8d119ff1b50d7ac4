package org.softverbs.soft.roce;

import org.jspecify.annotations.Nullable;

/// The READs and atomics that a responder remembers: as many as the peer may have outstanding. The
/// oldest makes room for the newest, unless it is still being answered for the first time.
///
/// Positions count up for ever; position modulo capacity is the slot. Answers are sent in the order
/// of the requests, also those that are sent again.
final class ResponderResources {

    private final ResponderResource[] slots;
    private long allocated;
    private long firstAnswer;
    private int answerCount;

    ResponderResources(int count) {
        slots = new ResponderResource[count];
        for (int i = 0; i < count; i++) {
            slots[i] = new ResponderResource();
        }
    }

    /// As many slots as asked for, with the newest requests of this one; only without answers to
    /// send.
    ResponderResources resized(int count) {
        ResponderResources other = new ResponderResources(count);
        for (long at = Math.max(oldest(), allocated - count); at < allocated; at++) {
            other.slots[(int) (other.allocated++ % count)] = slot(at);
        }
        return other;
    }

    int capacity() {
        return slots.length;
    }

    private ResponderResource slot(long position) {
        return slots[(int) (position % slots.length)];
    }

    private long oldest() {
        return Math.max(0, allocated - slots.length);
    }

    /// Whether the peer may have another one outstanding. One that was answered and is being
    /// answered again does not count: the peer had its answer, or it would not send the next.
    boolean canAllocate() {
        return slots.length > 0 && (!slot(allocated).isPending() || slot(allocated).isAnswered());
    }

    /// The slot for a new request, whose answer is then to be sent; only with [#canAllocate()].
    ResponderResource allocate() {
        ResponderResource slot = slot(allocated);
        if (slot.isPending()) {
            forget(slot);
        }
        if (answerCount++ == 0) {
            firstAnswer = allocated;
        }
        allocated++;
        return slot;
    }

    /// The newest request with a PSN.
    @Nullable ResponderResource find(int psn) {
        for (long at = allocated - 1; at >= oldest(); at--) {
            if (slot(at).covers(psn)) {
                return slot(at);
            }
        }
        return null;
    }

    /// Sends an answer again, from packet `index` on.
    void replay(ResponderResource resource, int index) {
        if (!resource.isPending()) {
            answerCount++;
        }
        resource.replayFrom(index);
        firstAnswer = oldest();
        skipToPending();
    }

    private void skipToPending() {
        while (answerCount > 0 && !slot(firstAnswer).isPending()) {
            firstAnswer++;
        }
    }

    boolean hasAnswers() {
        return answerCount > 0;
    }

    /// The oldest request with packets of its answer to send; only with [#hasAnswers()].
    ResponderResource firstAnswer() {
        return slot(firstAnswer);
    }

    /// A packet of the first answer was sent.
    void advanceFirstAnswer() {
        ResponderResource resource = firstAnswer();
        resource.advance();
        if (!resource.isPending()) {
            answerCount--;
            skipToPending();
        }
    }

    /// Forgets a request whose answer is pending.
    void forget(ResponderResource resource) {
        resource.clear();
        answerCount--;
        skipToPending();
    }

    void clear() {
        for (ResponderResource slot : slots) {
            slot.clear();
        }
        answerCount = 0;
    }
}
