package org.softverbs.soft.script;

import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.softverbs.soft.queue.ReceiveQueue;
import org.softverbs.soft.queue.SharedReceives;

/// The shared receive queues of a script: those of the domain of an XRC target.
final class ScriptQueues {

    private static final int MOST_RECEIVES = 1 << 14;

    private final Map<String, SharedReceives> byName = new LinkedHashMap<>();

    /// @param domain number of its protection domain
    void add(String name, int number, int domain, long receives) {
        if (number < 1 || number > PacketForm.PSN_MASK) {
            throw new ScriptFailure("number is " + number + ", not 1 to 0xffffff");
        }
        if (receives < 1 || receives > MOST_RECEIVES) {
            throw new ScriptFailure("receives is " + receives + ", not 1 to " + MOST_RECEIVES);
        }
        if (find(number) != null) {
            throw new ScriptFailure("another queue has the number " + number);
        }
        ReceiveQueue queue = new ReceiveQueue((int) receives, Bench.MAX_SGE);
        SharedReceives made = new SharedReceives(number, domain, false, queue, () -> {});
        if (byName.put(name, made) != null) {
            throw new ScriptFailure("there is a '" + name + "' already");
        }
    }

    int numberOf(String name) {
        SharedReceives named = byName.get(name);
        if (named == null) {
            throw new ScriptFailure(
                    "no queue is named '" + name + "'" + Suggestion.of(name, byName.keySet()));
        }
        return named.number();
    }

    @Nullable SharedReceives find(int number) {
        return byName.values().stream()
                .filter(queue -> queue.number() == number)
                .findFirst()
                .orElse(null);
    }
}
