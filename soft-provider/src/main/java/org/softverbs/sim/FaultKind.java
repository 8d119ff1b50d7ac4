package org.softverbs.sim;

/// What can go wrong in a [World].
///
/// Each has its occasions, counted from 1 at each place: what they are is its [Occasion]. What the
/// argument of a [Fault] of this kind means is said with each.
public enum FaultKind {
    /// A packet is lost.
    LOSS(0.30, 0, Occasion.PACKET),
    /// Of the next `argument` packets nineteen in twenty are lost.
    BURST(0.01, 64, Occasion.PACKET),
    /// A packet arrives a second time, `argument` microseconds after the first.
    DUPLICATE(0.50, 2000, Occasion.PACKET),
    /// A packet is overtaken by up to `argument` later ones.
    REORDER(0.30, 256, Occasion.PACKET),
    /// A packet arrives `argument` microseconds late; those behind it may overtake it.
    DELAY(0.20, 5000, Occasion.PACKET),
    /// Bit `argument` of a packet, modulo its length, is turned over; its ICRC shows it.
    CORRUPT(0.05, Integer.MAX_VALUE, Occasion.PACKET),
    /// Bit `argument` of a packet's headers is turned over and the ICRC made right again: what only
    /// an enemy on the path does.
    FORGE(0.02, Integer.MAX_VALUE, Occasion.PACKET),
    /// For `argument` microseconds packets above half the path's MTU are lost.
    MTU_CHANGE(0.01, 20_000, Occasion.TURN),
    /// For `argument` microseconds nothing passes between this node and the others.
    PARTITION(0.01, 50_000, Occasion.TURN),
    /// A node does nothing at all for `argument` microseconds.
    PAUSE(0.02, 100_000, Occasion.TURN),
    /// Receives are withheld for `argument` microseconds.
    RECEIVE_STARVATION(0.05, 20_000, Occasion.TURN),
    /// Completions are not polled for `argument` microseconds.
    POLL_STARVATION(0.05, 20_000, Occasion.TURN),
    /// A memory region is deregistered while the peer uses it.
    DEREGISTER(0.02, 1 << 16, Occasion.TURN),
    /// A queue pair is moved to ERR by its own program.
    QUEUE_PAIR_ERROR(0.02, 1 << 16, Occasion.TURN),
    /// A queue pair is destroyed while the peer sends to it.
    QUEUE_PAIR_DESTROY(0.02, 1 << 16, Occasion.TURN),
    /// A node loses all it had and starts again after `argument` microseconds.
    RESTART(0.005, 20_000, Occasion.TURN),
    /// There is no memory, no I/O virtual address or no bounce buffer for what is asked for.
    ALLOCATION_FAILURE(0.05, 0, Occasion.ALLOCATION),
    /// The IOMMU does not translate an address of a device, or memory does not answer.
    IOMMU_FAULT(0.005, 0, Occasion.DEVICE_ACCESS),
    /// A queue pair gets a completion queue that is too small for what `argument` has it post.
    CQ_OVERFLOW(0.03, 256, Occasion.TURN),
    /// The address of a node's port is replaced by another.
    GID_CHANGE(0.005, 1 << 16, Occasion.TURN),
    /// A node's port is down for `argument` microseconds.
    PORT_DOWN(0.01, 20_000, Occasion.TURN),
    /// A node's device is taken out; `argument` microseconds after its program has closed what is
    /// left it is there again.
    DEVICE_REMOVAL(0.005, 20_000, Occasion.TURN),
    /// A window or a fast registration is invalidated while the peer uses its key.
    INVALIDATE(0.05, 1 << 16, Occasion.TURN),
    /// An acknowledgement is followed by one that nobody sent: of packets that were never sent, or
    /// that were acknowledged before. `argument` says which.
    GHOST_ACKNOWLEDGE(0.20, 1 << 12, Occasion.PACKET);

    /// What gives a kind of fault the chance to happen.
    public enum Occasion {
        /// A packet that takes a path.
        PACKET,
        /// A turn of a scenario's program on a node.
        TURN,
        /// Something that a node takes which may be used up.
        ALLOCATION,
        /// A device of a node looks for bytes at an address that it was given.
        DEVICE_ACCESS
    }

    private final double highestRate;
    private final int largestArgument;
    private final Occasion occasion;

    FaultKind(double highestRate, int largestArgument, Occasion occasion) {
        this.highestRate = highestRate;
        this.largestArgument = largestArgument;
        this.occasion = occasion;
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
        return occasion == Occasion.PACKET;
    }

    /// What gives it the chance to happen.
    public Occasion occasion() {
        return occasion;
    }
}
