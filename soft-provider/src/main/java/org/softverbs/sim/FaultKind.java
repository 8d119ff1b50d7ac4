package org.softverbs.sim;

/// What can go wrong in a [World].
///
/// The first group befalls a packet on its way; its occasions are the packets of a path, counted
/// from 1. The second befalls a node; its occasions are the turns of a scenario on that node. What
/// the argument of a [Fault] of this kind means is said with each.
public enum FaultKind {
    /// A packet is lost.
    LOSS(0.30, 0, true),
    /// Of the next `argument` packets nineteen in twenty are lost.
    BURST(0.01, 64, true),
    /// A packet arrives a second time, `argument` microseconds after the first.
    DUPLICATE(0.50, 2000, true),
    /// A packet is overtaken by up to `argument` later ones.
    REORDER(0.30, 256, true),
    /// A packet arrives `argument` microseconds late; those behind it may overtake it.
    DELAY(0.20, 5000, true),
    /// Bit `argument` of a packet, modulo its length, is turned over; its ICRC shows it.
    CORRUPT(0.05, Integer.MAX_VALUE, true),
    /// Bit `argument` of a packet's headers is turned over and the ICRC made right again: what only
    /// an enemy on the path does.
    FORGE(0.02, Integer.MAX_VALUE, true),
    /// For `argument` microseconds packets above half the path's MTU are lost.
    MTU_CHANGE(0.01, 20_000, false),
    /// For `argument` microseconds nothing passes between this node and the others.
    PARTITION(0.01, 50_000, false),
    /// A node does nothing at all for `argument` microseconds.
    PAUSE(0.02, 100_000, false),
    /// Receives are withheld for `argument` microseconds.
    RECEIVE_STARVATION(0.05, 20_000, false),
    /// Completions are not polled for `argument` microseconds.
    POLL_STARVATION(0.05, 20_000, false),
    /// A memory region is deregistered while the peer uses it.
    DEREGISTER(0.02, 1 << 16, false),
    /// A queue pair is moved to ERR by its own program.
    QUEUE_PAIR_ERROR(0.02, 1 << 16, false),
    /// A queue pair is destroyed while the peer sends to it.
    QUEUE_PAIR_DESTROY(0.02, 1 << 16, false),
    /// A node loses all it had and starts again after `argument` microseconds.
    RESTART(0.005, 20_000, false);

    private final double highestRate;
    private final int largestArgument;
    private final boolean ofPacket;

    FaultKind(double highestRate, int largestArgument, boolean ofPacket) {
        this.highestRate = highestRate;
        this.largestArgument = largestArgument;
        this.ofPacket = ofPacket;
    }

    /// Up to which part of its occasions a drawn plan has it happen.
    public double highestRate() {
        return highestRate;
    }

    /// The largest argument that is drawn, 0 when it has none.
    public int largestArgument() {
        return largestArgument;
    }

    /// Whether it befalls packets; nodes otherwise.
    public boolean isOfPacket() {
        return ofPacket;
    }
}
