package org.softverbs.verbs;

/// What to look at, by the root of an explanation.
final class CauseHints {

    private CauseHints() {}

    static String ofStatus(WorkCompletionStatus status) {
        return switch (status) {
            case SUCCESS -> "";
            case RETRY_EXC_ERR ->
                    "the peer does not answer: it is not reachable, has no such queue pair, or went"
                            + " away";
            case RNR_RETRY_EXC_ERR -> "the peer posted no receives, or not enough";
            case WR_FLUSH_ERR -> "look at the first request of its queue pair that failed";
            case LOC_PROT_ERR -> "look at local keys, addresses and lengths of its elements";
            case LOC_LEN_ERR -> "look at the length of the receive, or of the elements";
            case REM_ACCESS_ERR -> of(NakCode.REMOTE_ACCESS_ERROR);
            case REM_INV_REQ_ERR -> of(NakCode.INVALID_REQUEST);
            case REM_OP_ERR -> of(NakCode.REMOTE_OPERATIONAL_ERROR);
            default -> "";
        };
    }

    static String of(NakCode code) {
        return switch (code) {
            case REMOTE_ACCESS_ERROR ->
                    "the remote key is stale or of another domain, lacks the right, or the range is"
                            + " outside it: firstError of the peer's queue pair says which";
            case INVALID_REQUEST ->
                    "the receive is too small, the path MTU differs, the peer's access flags lack"
                            + " the operation, its maxDestinationReadAtomic is exceeded, or an"
                            + " atomic is not aligned: firstError of the peer's queue pair says"
                            + " which";
            case REMOTE_OPERATIONAL_ERROR ->
                    "the memory of the peer's receive was refused: firstError of the peer's queue"
                            + " pair says why";
            case PSN_SEQUENCE_ERROR, INVALID_RD_REQUEST, RESERVED ->
                    "a reliable connection has no use for this NAK: look at the peer";
        };
    }

    static String of(Cause.RetriesExceeded cause) {
        return switch (cause.localPath()) {
            case PORT_DOWN ->
                    "bring this side's port up again: nothing of it reaches anybody; queryPort and"
                            + " the event PORT_ERR tell";
            case GID_GONE ->
                    "connect again at both ends with the GID that gidTable of this side has now: the"
                            + " event GID_CHANGE tells";
            case SOUND -> ofPeer(cause);
        };
    }

    private static String ofPeer(Cause.RetriesExceeded cause) {
        if (!cause.everAnswered() && cause.strangePsn().isPresent()) {
            return "the peer answers PSNs that were not sent: sendPacketSequenceNumber here and"
                    + " receivePacketSequenceNumber there must be the same";
        }
        if (cause.reason() != RetryReason.TIMEOUT) {
            return "the network loses packets, or the peer cannot keep up";
        }
        return cause.everAnswered()
                ? "the peer went away, its queue pair failed (see its firstError), or the network"
                        + " was cut"
                : "the GID or queue pair number is not the peer's, its queue pair is not in RTR, or"
                        + " UDP port 4791 does not get through";
    }

    static String of(Cause.MemoryRefused cause) {
        return switch (cause.refusal()) {
            case UNKNOWN_KEY ->
                    switch (cause.facts().state()) {
                        case DEREGISTERED ->
                                "the region was closed before the request was done with it";
                        case SUPERSEDED -> "use the key of the newest registration or binding";
                        case IN_USE, UNKNOWN ->
                                "take localKey() or remoteKey() of a region of this device, and send"
                                        + " remote keys in the right byte order";
                    };
            case WRONG_DOMAIN -> "register the memory in the protection domain of the queue pair";
            case MISSING_RIGHT ->
                    "register the memory with "
                            + switch (cause.right()) {
                                case LOCAL_READ -> "rights for local use: a window has none";
                                case LOCAL_WRITE -> "LOCAL_WRITE";
                                case REMOTE_READ -> "REMOTE_READ";
                                case REMOTE_WRITE -> "REMOTE_WRITE and LOCAL_WRITE";
                                case REMOTE_ATOMIC -> "REMOTE_ATOMIC and LOCAL_WRITE";
                                case FLUSH_GLOBAL -> "FLUSH_GLOBAL";
                                case FLUSH_PERSISTENT ->
                                        "FLUSH_PERSISTENT; it must be mapped from a file";
                                case KEY_CHANGE -> "MW_BIND, and the rights that it is to give";
                            };
            case OUT_OF_BOUNDS -> "compare address and length with what the key opens";
            case MEMORY_GONE -> "close the region before the arena of its memory";
            default -> "look at what was done with the key before";
        };
    }

    static String of(RequestFault fault) {
        return switch (fault) {
            case PACKET_LENGTH -> "both ends must be given the same path MTU";
            case OPERATION_NOT_ALLOWED ->
                    "give the queue pair the access flags on its way to INIT or RTR";
            case TOO_MANY_READS ->
                    "maxReadAtomic of the peer must not exceed maxDestinationReadAtomic here";
            case MISALIGNED -> "atomics go to addresses that are multiples of 8";
            case RECEIVE_TOO_SMALL -> "post receives as long as the longest message";
            case OPCODE_OUT_OF_ORDER, MESSAGE_LENGTH, RANGE_TOO_LONG, FLUSH_RESERVED ->
                    "the peer breaks the protocol";
            case RECEIVE_MEMORY, MEMORY, INVALIDATION -> "look at the key";
            case XRC_QUEUE -> "tell the peer the number of a queue of the same XRC domain";
        };
    }

    /// The two numbers of a fault that has them.
    static String numbers(Cause.PeerRequestRefused cause) {
        return switch (cause.fault()) {
            case PACKET_LENGTH ->
                    " (%d bytes, path MTU %d)".formatted(cause.actual(), cause.expected());
            case MESSAGE_LENGTH, RANGE_TOO_LONG, RECEIVE_TOO_SMALL ->
                    " (%d bytes, not %d)".formatted(cause.actual(), cause.expected());
            case TOO_MANY_READS -> " (%d)".formatted(cause.expected());
            case MISALIGNED -> " (0x%x)".formatted(cause.actual());
            case FLUSH_RESERVED ->
                    " (level %d, types 0x%x)".formatted(cause.actual(), cause.expected());
            case XRC_QUEUE -> " (%d)".formatted(cause.actual());
            case OPERATION_NOT_ALLOWED, OPCODE_OUT_OF_ORDER, RECEIVE_MEMORY, MEMORY, INVALIDATION ->
                    "";
        };
    }
}
