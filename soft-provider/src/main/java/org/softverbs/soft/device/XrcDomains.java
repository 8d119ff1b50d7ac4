package org.softverbs.soft.device;

import java.util.HashMap;
import java.util.Map;

/// The domains of extended reliable connections of a device that have names, and how often each is
/// open. Any thread.
final class XrcDomains {

    private static final class Shared {
        final int number;
        int openers;

        Shared(int number) {
            this.number = number;
        }
    }

    private final Map<String, Shared> byName = new HashMap<>();
    private int nextNumber = 1;

    /// The number of a domain that is opened.
    synchronized int open(String name) {
        if (name.isEmpty()) {
            return nextNumber++;
        }
        Shared shared = byName.computeIfAbsent(name, any -> new Shared(nextNumber++));
        shared.openers++;
        return shared.number;
    }

    synchronized void close(String name) {
        Shared shared = byName.get(name);
        if (shared != null && --shared.openers == 0) {
            byName.remove(name);
        }
    }
}
