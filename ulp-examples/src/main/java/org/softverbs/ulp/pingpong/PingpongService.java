package org.softverbs.ulp.pingpong;

import org.softverbs.verbs.QueuePairType;

/// What a ping-pong goes over.
enum PingpongService {
    /// `ibv_rc_pingpong`.
    RC(QueuePairType.RC),
    /// `ibv_uc_pingpong`.
    UC(QueuePairType.UC),
    /// `ibv_ud_pingpong`.
    UD(QueuePairType.UD),
    /// `ibv_srq_pingpong`: several reliable connections whose receives come from one queue.
    SRQ(QueuePairType.RC);

    private final QueuePairType type;

    PingpongService(QueuePairType type) {
        this.type = type;
    }

    QueuePairType type() {
        return type;
    }
}
