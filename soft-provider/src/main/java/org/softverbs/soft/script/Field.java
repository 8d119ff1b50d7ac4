package org.softverbs.soft.script;

import java.util.Locale;

/// The fields that statements may have; a script writes them in lower case with hyphens.
enum Field {
    // connection
    NUMBER(Value.Type.NUMBER),
    PEER(Value.Type.NUMBER),
    MTU(Value.Type.NUMBER),
    SEND_PSN(Value.Type.NUMBER),
    RECEIVE_PSN(Value.Type.NUMBER),
    TIMEOUT(Value.Type.NUMBER),
    RETRY(Value.Type.NUMBER),
    RNR_RETRY(Value.Type.NUMBER),
    RNR_TIMER(Value.Type.NUMBER),
    MAX_READ(Value.Type.NUMBER),
    MAX_DEST_READ(Value.Type.NUMBER),
    SLOTS(Value.Type.NUMBER),
    RECEIVES(Value.Type.NUMBER),
    STATE(Value.Type.WORD),
    SERVICE(Value.Type.WORD),
    SIGNAL_ALL(Value.Type.FLAG),
    PRIVILEGED(Value.Type.FLAG),
    BY_HAND(Value.Type.FLAG),
    // memory
    ACCESS(Value.Type.ACCESS),
    DOMAIN(Value.Type.NUMBER),
    TYPE(Value.Type.NUMBER),
    OF(Value.Type.WORD),
    LONG(Value.Type.NUMBER),
    CONTENT(Value.Type.BYTES),
    PAYLOAD_OF(Value.Type.NUMBER),
    FROM(Value.Type.NUMBER),
    // work requests and completions
    ID(Value.Type.NUMBER),
    BYTES(Value.Type.NUMBER),
    ELEMENTS(Value.Type.ELEMENTS),
    REMOTE(Value.Type.ADDRESS),
    REMOTE_KEY(Value.Type.KEY),
    REGION(Value.Type.KEY),
    UNSIGNALED(Value.Type.FLAG),
    FENCED(Value.Type.FLAG),
    INLINE(Value.Type.FLAG),
    VALUE(Value.Type.NUMBER),
    OPCODE(Value.Type.WORD),
    INVALIDATED(Value.Type.KEY),
    // packets
    PSN(Value.Type.NUMBER),
    PAYLOAD(Value.Type.BYTES),
    PAD(Value.Type.BYTES),
    ACK_REQUEST(Value.Type.FLAG),
    SOLICITED(Value.Type.FLAG),
    MIGRATION(Value.Type.FLAG),
    FECN(Value.Type.FLAG),
    BECN(Value.Type.FLAG),
    RESERVED6(Value.Type.NUMBER),
    RESERVED7(Value.Type.NUMBER),
    ADDRESS(Value.Type.ADDRESS),
    KEY(Value.Type.KEY),
    LENGTH(Value.Type.NUMBER),
    SYNDROME(Value.Type.SYNDROME),
    MSN(Value.Type.NUMBER),
    ORIGINAL(Value.Type.NUMBER),
    COMPARE(Value.Type.NUMBER),
    SWAP(Value.Type.NUMBER),
    ADD(Value.Type.NUMBER),
    PLACEMENT(Value.Type.NUMBER),
    SELECTIVITY(Value.Type.NUMBER),
    IMMEDIATE(Value.Type.NUMBER),
    INVALIDATE(Value.Type.KEY),
    SRQ(Value.Type.NUMBER),
    // sequence
    SEND(Value.Type.NUMBER),
    RECEIVE(Value.Type.NUMBER);

    private final Value.Type type;
    private final String text = name().toLowerCase(Locale.ROOT).replace('_', '-');

    Field(Value.Type type) {
        this.type = type;
    }

    Value.Type type() {
        return type;
    }

    /// As a script writes it.
    String text() {
        return text;
    }
}
