package org.softverbs.soft.wire.roce;

/**
 * The syndrome byte of an {@link AethFlyweight}. Every value is exactly one of ACK, RNR NAK, NAK or
 * reserved; methods take the byte as an unsigned int, so that no packet costs an object.
 *
 * <pre>
 * 0x00..0x1f  ACK, low five bits: credit code (0x1f: no credit limit, what rxe sends)
 * 0x20..0x3f  RNR NAK, low five bits: timer code, see {@link RnrTimer}
 * 0x60..0x64  NAK
 * the rest    reserved
 * </pre>
 */
public final class AckSyndrome {

    /** ACK without a credit limit. */
    public static final int ACK_UNLIMITED = 0x1f;

    /** NAK: a packet is missing; the PSN of the packet is the expected one. */
    public static final int NAK_PSN_SEQUENCE_ERROR = 0x60;

    /** NAK: the responder does not accept such a request. */
    public static final int NAK_INVALID_REQUEST = 0x61;

    /** NAK: key, bounds or rights refuse the access. */
    public static final int NAK_REMOTE_ACCESS_ERROR = 0x62;

    /** NAK: the responder failed. */
    public static final int NAK_REMOTE_OPERATIONAL_ERROR = 0x63;

    /** NAK: reliable datagram only. */
    public static final int NAK_INVALID_RD_REQUEST = 0x64;

    private static final int TYPE_MASK = 0xe0;
    private static final int VALUE_MASK = 0x1f;
    private static final int ACK = 0x00;
    private static final int RNR_NAK = 0x20;

    private AckSyndrome() {}

    /** Positive acknowledgement. */
    public static boolean isAck(int syndrome) {
        return (syndrome & TYPE_MASK) == ACK;
    }

    /** Receiver not ready. */
    public static boolean isRnrNak(int syndrome) {
        return (syndrome & TYPE_MASK) == RNR_NAK;
    }

    /** Negative acknowledgement with a code that the specification defines. */
    public static boolean isNak(int syndrome) {
        return syndrome >= NAK_PSN_SEQUENCE_ERROR && syndrome <= NAK_INVALID_RD_REQUEST;
    }

    /** None of the others; a requester ignores the packet. */
    public static boolean isReserved(int syndrome) {
        return !isAck(syndrome) && !isRnrNak(syndrome) && !isNak(syndrome);
    }

    /** The credit code of an ACK. */
    public static int credits(int syndrome) {
        return syndrome & VALUE_MASK;
    }

    /** The timer code of an RNR NAK. */
    public static int rnrTimer(int syndrome) {
        return syndrome & VALUE_MASK;
    }

    /** An ACK with this credit code. */
    public static int ack(int creditCode) {
        return ACK | (creditCode & VALUE_MASK);
    }

    /** An RNR NAK with this timer code. */
    public static int rnrNak(int timerCode) {
        return RNR_NAK | (timerCode & VALUE_MASK);
    }

    /** For people: {@code ACK}, {@code RNR NAK timer 12}, {@code NAK remote access error}. */
    public static String describe(int syndrome) {
        if (isAck(syndrome)) {
            return syndrome == ACK_UNLIMITED ? "ACK" : "ACK credits " + credits(syndrome);
        }
        if (isRnrNak(syndrome)) {
            return "RNR NAK timer " + rnrTimer(syndrome);
        }
        return switch (syndrome) {
            case NAK_PSN_SEQUENCE_ERROR -> "NAK PSN sequence error";
            case NAK_INVALID_REQUEST -> "NAK invalid request";
            case NAK_REMOTE_ACCESS_ERROR -> "NAK remote access error";
            case NAK_REMOTE_OPERATIONAL_ERROR -> "NAK remote operational error";
            case NAK_INVALID_RD_REQUEST -> "NAK invalid RD request";
            default -> "reserved syndrome 0x" + Integer.toHexString(syndrome);
        };
    }
}
