package org.softverbs.cm;

import java.util.Optional;

/// Why a connection, or an answer on the way to one, was refused.
///
/// Verbs name: `ib_cm_rej_reason`; [#code()] is the value on the wire. InfiniBand Architecture
/// Specification volume 1, section 12.6.7.2.
public enum RejectReason {
    NO_QUEUE_PAIR(1, "the peer has no queue pair for it"),
    NO_EEC(2, "the peer has no end-to-end context for it"),
    NO_RESOURCES(3, "the peer has no room for it"),
    TIMEOUT(4, "a message that it waited for did not come in time"),
    UNSUPPORTED(5, "the request asks for what the peer does not have"),
    INVALID_COMMUNICATION_ID(6, "the peer knows no such connection"),
    INVALID_COMMUNICATION_INSTANCE(7, "the peer knows another connection by these IDs"),
    INVALID_SERVICE_ID(8, "nobody listens on that port"),
    INVALID_TRANSPORT_TYPE(9, "the service has another transport"),
    STALE_CONNECTION(10, "the peer takes the queue pair for that of an older connection"),
    RDC_DOES_NOT_EXIST(11, "there is no such reliable datagram channel"),
    INVALID_GID(12, "the address in the request is none of the peer's, or not the sender's"),
    INVALID_LID(13, "a LID in the request is wrong"),
    INVALID_SERVICE_LEVEL(14, "the service level is not supported"),
    INVALID_TRAFFIC_CLASS(15, "the traffic class is not supported"),
    INVALID_HOP_LIMIT(16, "the hop limit is too small"),
    INVALID_PACKET_RATE(17, "the packet rate is not supported"),
    INVALID_ALTERNATE_GID(18, "the alternate path has a wrong address"),
    INVALID_ALTERNATE_LID(19, "the alternate path has a wrong LID"),
    INVALID_ALTERNATE_SERVICE_LEVEL(20, "the alternate path has a wrong service level"),
    INVALID_ALTERNATE_TRAFFIC_CLASS(21, "the alternate path has a wrong traffic class"),
    INVALID_ALTERNATE_HOP_LIMIT(22, "the alternate path has a wrong hop limit"),
    INVALID_ALTERNATE_PACKET_RATE(23, "the alternate path has a wrong packet rate"),
    PORT_CM_REDIRECT(24, "another connection manager must be asked"),
    PORT_REDIRECT(25, "another port must be asked"),
    INVALID_MTU(26, "the path MTU is none, or more than the peer takes"),
    INSUFFICIENT_RESPONDER_RESOURCES(27, "fewer READs and atomics are offered than needed"),
    CONSUMER_DEFINED(28, "the peer's program refused it, or went away"),
    INVALID_RNR_RETRY(29, "the RNR retry count is not accepted"),
    DUPLICATE_COMMUNICATION_ID(30, "the communication ID is in use"),
    INVALID_CLASS_VERSION(31, "the version of the message is not supported"),
    INVALID_FLOW_LABEL(32, "the flow label is not supported"),
    INVALID_ALTERNATE_FLOW_LABEL(33, "the alternate path has a wrong flow label"),
    VENDOR_OPTION_NOT_SUPPORTED(35, "an option of the sender's vendor is not supported");

    private static final RejectReason[] BY_CODE = new RejectReason[36];

    static {
        for (RejectReason reason : values()) {
            BY_CODE[reason.code] = reason;
        }
    }

    private final int code;
    private final String description;

    RejectReason(int code, String description) {
        this.code = code;
        this.description = description;
    }

    /// The reason with this code; nothing when the specification knows none.
    public static Optional<RejectReason> of(int code) {
        boolean isKnown = code > 0 && code < BY_CODE.length;
        return isKnown ? Optional.ofNullable(BY_CODE[code]) : Optional.empty();
    }

    public int code() {
        return code;
    }

    /// What it says, without a full stop.
    public String description() {
        return description;
    }

    /// What a code says, also one that the specification does not know.
    public static String describe(int code) {
        return of(code).map(RejectReason::description).orElse("reason " + code);
    }
}
