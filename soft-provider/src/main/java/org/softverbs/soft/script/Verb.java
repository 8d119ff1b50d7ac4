package org.softverbs.soft.script;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/// The statements: how each begins, what words follow, and the fields that it may have.
@SuppressWarnings("ImmutableEnumChecker") // the lists are never changed
enum Verb {
    QP("qp", "", Lists.QUEUE_PAIR),
    REGION(
            "region",
            "NAME",
            List.of(Field.ADDRESS, Field.LENGTH, Field.KEY, Field.ACCESS, Field.DOMAIN, Field.OF)),
    WINDOW("window", "NAME", List.of(Field.KEY, Field.TYPE, Field.DOMAIN)),
    FAST("fast", "NAME", List.of(Field.KEY, Field.OF, Field.LENGTH, Field.DOMAIN)),
    SRQ("srq", "NAME", List.of(Field.NUMBER, Field.DOMAIN, Field.RECEIVES)),
    DEREGISTER("deregister", "NAME", List.of()),
    POST("post", "OPERATION", Lists.REQUEST),
    QUEUE("queue", "OPERATION", Lists.REQUEST),
    INJECT("<", "OPCODE|raw [BYTES]", Lists.PACKET),
    INJECT_MORE("<<", "OPCODE|raw [BYTES]", Lists.PACKET),
    ADVANCE("+", "DURATION", List.of()),
    MODIFY("modify", "STATE", Lists.CONNECTION),
    ROOM("room", "N|all", List.of()),
    SET("set", "ADDRESS", List.of(Field.LONG, Field.CONTENT)),
    ACKNOWLEDGE("acknowledge", "", List.of()),
    TURN("turn", "", List.of()),
    TIMER("timer", "", List.of()),
    REPEAT("repeat", "N", List.of()),
    END("end", "", List.of()),
    PACKET(">", "OPCODE", Lists.PACKET),
    SENT("sent", "N", List.of()),
    COMPLETION(
            "=",
            "send|receive [STATUS]",
            List.of(
                    Field.ID,
                    Field.OPCODE,
                    Field.BYTES,
                    Field.IMMEDIATE,
                    Field.INVALIDATED,
                    Field.SOLICITED)),
    EVENT("event", "TYPE", List.of()),
    STATE("state", "STATE", List.of()),
    MEMORY(
            "memory",
            "ADDRESS|any",
            List.of(Field.LONG, Field.CONTENT, Field.PAYLOAD_OF, Field.FROM, Field.BYTES)),
    MEMORY_UNCHANGED("memory-unchanged", "", List.of()),
    NOTHING("nothing", "", List.of()),
    COUNT("count", "COUNTER N", List.of()),
    NEXT_PSN("next-psn", "", List.of(Field.SEND, Field.RECEIVE)),
    NO_TIMER("no-timer", "", List.of()),
    REFUSED("refused", "FAULT", List.of()),
    REGISTRATION("registration", "NAME STATE", List.of()),
    DETACHED("detached", "N", List.of());

    /// Fields that several statements have.
    private static final class Lists {

        private static final List<Field> CONNECTION =
                List.of(
                        Field.PEER,
                        Field.MTU,
                        Field.SEND_PSN,
                        Field.RECEIVE_PSN,
                        Field.TIMEOUT,
                        Field.RETRY,
                        Field.RNR_RETRY,
                        Field.RNR_TIMER,
                        Field.MAX_READ,
                        Field.MAX_DEST_READ,
                        Field.ACCESS);
        private static final List<Field> QUEUE_PAIR =
                with(
                        CONNECTION,
                        Field.NUMBER,
                        Field.SLOTS,
                        Field.RECEIVES,
                        Field.STATE,
                        Field.SERVICE,
                        Field.SIGNAL_ALL,
                        Field.PRIVILEGED,
                        Field.BY_HAND);
        private static final List<Field> REQUEST =
                List.of(
                        Field.ID,
                        Field.BYTES,
                        Field.ELEMENTS,
                        Field.REMOTE,
                        Field.REMOTE_KEY,
                        Field.IMMEDIATE,
                        Field.INVALIDATE,
                        Field.COMPARE,
                        Field.SWAP,
                        Field.ADD,
                        Field.VALUE,
                        Field.LENGTH,
                        Field.PLACEMENT,
                        Field.SELECTIVITY,
                        Field.KEY,
                        Field.REGION,
                        Field.ADDRESS,
                        Field.ACCESS,
                        Field.SRQ,
                        Field.UNSIGNALED,
                        Field.SOLICITED,
                        Field.FENCED,
                        Field.INLINE);
        private static final List<Field> PACKET =
                List.of(
                        Field.PSN,
                        Field.PAYLOAD,
                        Field.PAD,
                        Field.ACK_REQUEST,
                        Field.SOLICITED,
                        Field.MIGRATION,
                        Field.FECN,
                        Field.BECN,
                        Field.RESERVED6,
                        Field.RESERVED7,
                        Field.ADDRESS,
                        Field.KEY,
                        Field.LENGTH,
                        Field.SYNDROME,
                        Field.MSN,
                        Field.ORIGINAL,
                        Field.COMPARE,
                        Field.SWAP,
                        Field.ADD,
                        Field.PLACEMENT,
                        Field.SELECTIVITY,
                        Field.IMMEDIATE,
                        Field.INVALIDATE,
                        Field.SRQ);

        private static List<Field> with(List<Field> some, Field... more) {
            List<Field> all = new ArrayList<>(some);
            all.addAll(List.of(more));
            return List.copyOf(all);
        }
    }

    private final String keyword;
    private final String words;
    private final List<Field> fields;

    Verb(String keyword, String words, List<Field> fields) {
        this.keyword = keyword;
        this.words = words;
        this.fields = fields;
    }

    /// How it begins.
    String keyword() {
        return keyword;
    }

    List<Field> fields() {
        return fields;
    }

    int fewestWords() {
        return (int)
                Arrays.stream(words.split(" ", -1))
                        .filter(word -> !word.isEmpty() && !word.startsWith("["))
                        .count();
    }

    int mostWords() {
        return words.isEmpty() ? 0 : words.split(" ", -1).length;
    }

    /// Whether it is something that happens to the engine, after which all that came of what
    /// happened before must have been told.
    boolean isStimulus() {
        return switch (this) {
            case POST,
                    QUEUE,
                    INJECT,
                    INJECT_MORE,
                    ADVANCE,
                    MODIFY,
                    ROOM,
                    SET,
                    ACKNOWLEDGE,
                    TURN,
                    TIMER,
                    DEREGISTER ->
                    true;
            case QP,
                    REGION,
                    WINDOW,
                    FAST,
                    SRQ,
                    REPEAT,
                    END,
                    PACKET,
                    SENT,
                    COMPLETION,
                    EVENT,
                    STATE,
                    MEMORY,
                    MEMORY_UNCHANGED,
                    NOTHING,
                    COUNT,
                    NEXT_PSN,
                    NO_TIMER,
                    REFUSED,
                    REGISTRATION,
                    DETACHED ->
                    false;
        };
    }

    /// The whole form, for people.
    String usage() {
        StringBuilder usage = new StringBuilder(keyword);
        usage.append(this == ADVANCE ? "" : " ").append(words);
        for (Field field : fields) {
            usage.append(" [").append(field.text());
            usage.append(field.type() == Value.Type.FLAG ? "]" : "=...]");
        }
        return usage.toString().strip();
    }
}
