package org.softverbs.interop;

/// Where `rdma_rxe` of Linux 6.1 differs from the InfiniBand specification. rxe is a peer, not an
/// oracle: we follow the specification, and a test that meets one of these names the row instead of
/// adapting an engine. A row that a newer kernel no longer shows has to go.
enum KernelDeviations {
    RETRY_COUNT_SEVEN_IS_INFINITE(
            Origin.MEASURED,
            "retry_cnt 7 never runs down, so a dead peer gives no RETRY_EXC_ERR; the specification "
                    + "makes only rnr_retry 7 infinite",
            "rxe_comp.c: a guest's tool whose peer vanishes keeps retransmitting; we give up after 7"),
    NO_SELECTIVE_RETRY(
            Origin.MEASURED,
            "a lost packet makes rxe send all from the gap on again, up to 128 packets",
            "rxe_comp.c, rxe_req.c: captures under loss hold many duplicates, each to be re-ACKed"),
    TIMERS_TICK_IN_JIFFIES(
            Origin.MEASURED,
            "timeouts and RNR waits are rounded up to 4 ms, and the retry timer is re-armed lazily",
            "rxe_qp.c, rxe_comp.c: gaps of 64 to 240 ms in captures where timeout 14 means 67 ms"),
    SEQUENCE_NAK_AFTER_RNR_NAK(
            Origin.MEASURED,
            "an RNR NAK is followed by a NAK for a sequence error, for the packets behind the refused "
                    + "one",
            "rxe_resp.c: two NAKs with one PSN; a requester has to honour the RNR wait all the same"),
    NO_ACK_COALESCING(
            Origin.READ,
            "every packet with AckReq gets an ACK of its own, and every message's last packet has it",
            "rxe_resp.c: one ACK per small message in any capture"),
    NO_END_TO_END_CREDITS(
            Origin.READ,
            "every ACK carries syndrome 0x1f and received credit counts are ignored",
            "rxe_req.c, rxe_resp.c: the AETH of every ACK"),
    IP_IDENTIFICATION_IS_NOT_ZERO(
            Origin.MEASURED,
            "packets have DF set and yet a non-zero IP identification, which the ICRC covers",
            "rxe_net.c: a receiver without the IP header has to solve the ICRC for it"),
    UDP_CHECKSUM_ZERO_ON_IPV6(
            Origin.MEASURED,
            "the UDP checksum is 0 on IPv6, too, which a plain socket discards",
            "rxe_net.c: our socket needs UDP_NO_CHECK6_RX to hear rxe over IPv6"),
    FLOW_LABEL_IGNORED(
            Origin.MEASURED,
            "the IPv6 flow label is always 0, whatever the address vector says",
            "rxe_net.c: IPv6 headers in any capture"),
    ACK_REQUEST_ON_GSI_PACKETS(
            Origin.MEASURED,
            "UD packets of QP1 carry AckReq",
            "rxe_req.c: BTH of connection management MADs; the bit is to be ignored there"),
    SILENT_DROPS(
            Origin.READ,
            "a bad ICRC, an unknown QP or a wrong peer address is dropped without a counter",
            "rxe_recv.c: rdma statistic shows nothing when a test sends such packets"),
    SEND_MIDDLE_LENGTH_UNCHECKED(
            Origin.READ,
            "First and Middle packets of a SEND may have any length, and there is no limit on message "
                    + "size",
            "rxe_resp.c check_length: a shorter Middle is accepted where we NAK an invalid request"),
    PATH_MTU_UNCHECKED(
            Origin.MEASURED,
            "a path MTU of 0 or above the port's own is accepted from a connection request",
            "rxe and ib_cm: a bad REQ connects, and fails later with the first long message"),
    READ_REPLAY_DEPTH(
            Origin.READ,
            "only the last max_dest_rd_atomic READs and atomics are kept for duplicates; older ones are "
                    + "dropped without an answer",
            "rxe_resp.c: a duplicate READ from far behind times out"),
    READ_REPLAY_WINDOW_SLIDES(
            Origin.READ,
            "a duplicate READ moves the start of the range that later duplicates are checked against, "
                    + "but not its length",
            "rxe_resp.c: duplicates beyond the original range may be answered"),
    ATOMIC_REPLAY_BY_PSN_ONLY(
            Origin.READ,
            "a duplicate atomic is known by its PSN alone; address, key and operands are not compared",
            "rxe_resp.c: a changed duplicate gets the stored answer"),
    TOO_MANY_READS_RECYCLED(
            Origin.READ,
            "more outstanding READs and atomics than max_dest_rd_atomic overwrite the oldest instead of "
                    + "a NAK",
            "rxe_resp.c: a requester with a too large max_rd_atomic works until a packet is lost"),
    READ_ATOMIC_DEPTH_ROUNDED_UP(
            Origin.READ,
            "max_rd_atomic is rounded up to a power of two",
            "rxe_qp.c: more READs in flight than the tool asked for"),
    RNR_WHEN_OUT_OF_MEMORY(
            Origin.READ,
            "an RNR NAK also answers a READ when rxe cannot allocate a reply",
            "rxe_resp.c: an RNR NAK to an operation that needs no receive request"),
    MEMORY_WINDOW_BOUNDS(
            Origin.READ,
            "a memory window's key opens the whole region behind it",
            "rxe_mw.c, rxe_resp.c: accesses outside the window succeed"),
    INVALIDATE_WITHOUT_PROTECTION_DOMAIN(
            Origin.READ,
            "SEND with invalidate takes a key of any protection domain",
            "rxe_mr.c, rxe_mw.c: a foreign key is invalidated where we NAK"),
    COMPLETION_QUEUE_OVERRUN_UNNOTICED(
            Origin.READ,
            "the requester ignores that a completion did not fit into its queue",
            "rxe_comp.c: a tool with too small a queue waits for ever"),
    SEQUENTIAL_IDENTIFIERS(
            Origin.MEASURED,
            "QP numbers and key indices are handed out one after the other",
            "rxe_pool.c: address lines of any stock tool"),
    INITIAL_NAMESPACE_ONLY(
            Origin.READ,
            "rxe sends and receives in the initial network namespace only",
            "rxe_net.c: a kernel peer needs a machine of its own, hence the guest in QEMU"),
    STALLS_BETWEEN_TWO_KERNELS(
            Origin.MEASURED,
            "with loss, reordering and duplication between two rxe, a pingpong stalls for ever now and "
                    + "then",
            "rxe_comp.c, rxe_req.c: ibv_rc_pingpong at MTU 4096 hung once in some ten runs of TwoGuestsIT"),
    NO_CONGESTION_CONTROL(
            Origin.READ,
            "FECN, BECN and CNP are ignored",
            "rxe_recv.c: no rate change after a congestion notification"),
    ;

    /// How we know.
    enum Origin {
        /// Seen in captures or in a guest.
        MEASURED,
        /// Read in the kernel's source.
        READ
    }

    private final Origin origin;
    private final String reason;
    private final String shows;

    KernelDeviations(Origin origin, String reason, String shows) {
        this.origin = origin;
        this.reason = reason;
        this.shows = shows;
    }

    Origin origin() {
        return origin;
    }

    /// What rxe does, and why that is a difference.
    String reason() {
        return reason;
    }

    /// Source file, and what a test or capture sees of it.
    String shows() {
        return shows;
    }
}
