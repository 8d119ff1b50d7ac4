package org.softverbs.soft.wire.roce;

/** Why bytes are no RoCEv2 packet. Such a datagram is dropped and counted, never answered. */
public enum PacketFault {
    /** It is one. */
    NONE,
    /** Shorter than the headers of its opcode and the ICRC. */
    TOO_SHORT,
    /** Longer than the largest path MTU allows. */
    TOO_LONG,
    /** An opcode of RD, a vendor, a later specification, or no opcode at all. */
    UNKNOWN_OPCODE,
    /** Transport header version other than 0. */
    BAD_TRANSPORT_VERSION,
    /** The pad count exceeds what follows the headers. */
    PAD_LONGER_THAN_PAYLOAD,
    /** Bytes after the headers of an opcode that carries none. */
    UNEXPECTED_PAYLOAD
}
