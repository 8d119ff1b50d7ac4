package org.softverbs.verbs;

/// What is wrong with a request of a peer. Two numbers go with it: what it had, and what it was to
/// have; 0 where there is none.
public enum RequestFault {
    /// First, Middle and Last of a message do not follow one another.
    OPCODE_OUT_OF_ORDER("its opcode does not follow the one before it"),
    /// The access flags of the queue pair lack the operation; the second number is what they are.
    OPERATION_NOT_ALLOWED("the queue pair's access flags do not allow the operation"),
    /// A packet of a length that its place in the message cannot have: bytes, and the path MTU.
    PACKET_LENGTH("the packet's length does not fit its place in the message and the path MTU"),
    /// The packets of a WRITE carry more or less than was announced: bytes, and what is due.
    MESSAGE_LENGTH("the message's length is not the one that was announced"),
    /// A READ or FLUSH of more than a message may have: bytes, and the most.
    RANGE_TOO_LONG("the READ or FLUSH is for more bytes than a message may have"),
    /// More requests with a response than `maxDestinationReadAtomic`; the second number is that.
    TOO_MANY_READS("more READs and atomics are outstanding than maxDestinationReadAtomic"),
    /// A FLUSH with no placement type, or with reserved bits: selectivity level, placement types.
    FLUSH_RESERVED("the FLUSH asks for a placement type or a selectivity level that there is not"),
    /// The address of an atomic or an ATOMIC WRITE is not aligned: address, and 8.
    MISALIGNED("the address of an atomic is not a multiple of 8"),
    /// A message longer than the receive that takes it: bytes so far, and those of the receive.
    RECEIVE_TOO_SMALL("the message is longer than the receive that takes it"),
    /// The memory of the receive that takes it was refused.
    RECEIVE_MEMORY("the memory of the receive that takes it was refused"),
    /// The shared receive queue that an extended reliable connection's request names is none of its
    /// domain, or not that of the message under way: its number.
    XRC_QUEUE("it names no shared receive queue of its domain, or another in midst of a message"),
    /// The memory that it names was refused.
    MEMORY("the memory that it names was refused"),
    /// The key that it is to invalidate was refused.
    INVALIDATION("the key that it is to invalidate was refused");

    private final String description;

    RequestFault(String description) {
        this.description = description;
    }

    /// What it is in a sentence.
    public String description() {
        return description;
    }
}
