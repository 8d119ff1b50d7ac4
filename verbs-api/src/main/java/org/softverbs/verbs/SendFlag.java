package org.softverbs.verbs;

/// How a send request is carried out.
///
/// Verbs name: `ibv_send_flags` / `ib_send_flags`.
public enum SendFlag {
    /// Start only when every RDMA READ and atomic posted before it has completed.
    FENCE(1),
    /// Give a completion on success; an error always gives one.
    SIGNALED(1 << 1),
    /// Ask for an event at a peer that waits for solicited completions only.
    SOLICITED(1 << 2),
    /// Copy the data at post time: the buffer is free again when the post returns and the local
    /// keys are not looked at. The addresses are CPU addresses of this host.
    INLINE(1 << 3);

    private final int bit;

    SendFlag(int bit) {
        this.bit = bit;
    }

    /// The value of this flag in the C enumeration.
    public int bit() {
        return bit;
    }

    /// The C bit set of some flags.
    public static int bits(Iterable<SendFlag> flags) {
        int bits = 0;
        for (SendFlag flag : flags) {
            bits |= flag.bit;
        }
        return bits;
    }
}
