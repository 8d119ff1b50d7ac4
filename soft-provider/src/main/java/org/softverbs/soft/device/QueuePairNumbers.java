package org.softverbs.soft.device;

import java.util.ArrayDeque;
import org.softverbs.soft.collection.IntMap;
import org.softverbs.soft.host.RandomSource;
import org.softverbs.verbs.DatagramDestination;

/// Which numbers queue pairs get. For the owner.
final class QueuePairNumbers {

    private static final int NUMBER_BITS = 24;
    private static final int FIRST_NUMBER = 16;

    /// Numbers of closed queue pairs that are not given out again.
    private static final int QUARANTINE = 1024;

    private final RandomSource random;
    private final IntMap<QueuePairPort> used;
    private final ManagementPort management;
    private final ArrayDeque<Integer> quarantine = new ArrayDeque<>();

    QueuePairNumbers(RandomSource random, IntMap<QueuePairPort> used, ManagementPort management) {
        this.random = random;
        this.used = used;
        this.management = management;
    }

    /// A number that no peer can guess, none of the reserved ones, in use nowhere, and not used so
    /// lately that packets for its last owner may still be about.
    int fresh() {
        int number;
        do {
            number = random.nextBits(NUMBER_BITS);
        } while (number < FIRST_NUMBER
                || number == DatagramDestination.MULTICAST_QUEUE_PAIR
                || used.get(number) != null
                || quarantine.contains(number)
                || management.isTaken(number));
        return number;
    }

    /// A queue pair is gone.
    void retire(int number) {
        quarantine.addLast(number);
        if (quarantine.size() > QUARANTINE) {
            quarantine.removeFirst();
        }
    }
}
