package org.softverbs.soft.roce;

import org.jspecify.annotations.Nullable;

/// The READs and atomics that a responder remembers: as many as the peer may have outstanding. The
/// oldest makes room for the newest, unless it is still being answered.
final class ResponderResources {

    private final ResponderResource[] slots;
    private final ResponderResource[] answering;
    private int next;
    private int firstAnswering;
    private int answeringCount;

    ResponderResources(int count) {
        slots = new ResponderResource[count];
        for (int i = 0; i < count; i++) {
            slots[i] = new ResponderResource();
        }
        answering = new ResponderResource[Math.max(1, count)];
    }

    boolean canAllocate() {
        return slots.length > 0 && !slots[next].isPending();
    }

    /// The slot for a new request, or null when the peer has too many outstanding.
    @Nullable ResponderResource allocate() {
        if (!canAllocate()) {
            return null;
        }
        ResponderResource slot = slots[next];
        next = (next + 1) % slots.length;
        return slot;
    }

    @Nullable ResponderResource find(int psn) {
        for (ResponderResource slot : slots) {
            if (slot.covers(psn)) {
                return slot;
            }
        }
        return null;
    }

    /// Puts a resource that became pending behind the others to answer.
    void answer(ResponderResource resource) {
        answering[(firstAnswering + answeringCount) % answering.length] = resource;
        answeringCount++;
    }

    boolean hasAnswers() {
        return answeringCount > 0;
    }

    /// The resource to answer next; only with [#hasAnswers()].
    ResponderResource firstAnswer() {
        return answering[firstAnswering];
    }

    /// The first answer is sent whole.
    void removeFirstAnswer() {
        firstAnswering = (firstAnswering + 1) % answering.length;
        answeringCount--;
    }

    void clear() {
        for (ResponderResource slot : slots) {
            slot.clear();
        }
        next = 0;
        firstAnswering = 0;
        answeringCount = 0;
    }
}
