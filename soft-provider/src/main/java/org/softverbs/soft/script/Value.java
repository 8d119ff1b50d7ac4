package org.softverbs.soft.script;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import org.softverbs.soft.wire.roce.AckSyndrome;
import org.softverbs.verbs.AccessFlag;

/// The value of a field of a statement.
sealed interface Value {

    /// What a field may hold.
    enum Type {
        NUMBER("a number"),
        ADDRESS("an address such as exposed+8"),
        KEY("a key such as exposed or 0x0b0b0b02"),
        FLAG("nothing: it is a flag"),
        WORD("a word"),
        BYTES("a length, a length and a byte as in 44*0x33, bytes as in 0x01020304, or any"),
        SYNDROME(
                "ACK, ACK:CREDITS, RNR:TIMER, NAK:sequence, NAK:invalid-request, NAK:access,"
                        + " NAK:operational, NAK:invalid-rd, or a number"),
        ACCESS(
                "all, none, or some of local-write, write, read, atomic, bind, zero-based by commas"),
        ELEMENTS("ADDRESS:LENGTH or ADDRESS:LENGTH:KEY, by commas, or none");

        private final String description;

        Type(String description) {
            this.description = description;
        }

        String description() {
            return description;
        }
    }

    /// A number, an address or a key.
    record Amount(Expression expression) implements Value {}

    /// Whether something is so.
    record Flag(boolean set) implements Value {}

    /// A name.
    record Word(String text) implements Value {}

    /// So many bytes; all the same if there is a filler.
    record Run(Expression length, @Nullable Expression filler) implements Value {}

    /// These bytes.
    record Exactly(List<Byte> bytes) implements Value {}

    /// Any bytes.
    record Anything() implements Value {}

    /// Rights as bits of [AccessFlag].
    record Access(int bits) implements Value {}

    /// Elements of a work request.
    record Elements(List<Element> elements) implements Value {}

    /// One element; without a key it has that of the region that its address names.
    record Element(Expression address, Expression length, @Nullable Expression key) {}

    /// Credits and RNR timers have five bits.
    int MOST_CODE = 31;

    static Value parse(Type type, String text) {
        try {
            return switch (type) {
                case NUMBER, ADDRESS, KEY -> new Amount(Expression.parse(text));
                case FLAG -> throw new ScriptFailure("a flag has no value");
                case WORD -> new Word(text);
                case BYTES -> bytes(text);
                case SYNDROME -> new Amount(syndromeOf(text));
                case ACCESS -> new Access(access(text));
                case ELEMENTS -> elements(text);
            };
        } catch (ScriptFailure wrong) {
            throw new ScriptFailure(wrong.what() + "; it must be " + type.description());
        }
    }

    private static Value bytes(String text) {
        if ("any".equals(text)) {
            return new Anything();
        }
        int times = text.lastIndexOf("*0x");
        if (times > 0) {
            return new Run(
                    Expression.parse(text.substring(0, times)),
                    Expression.parse(text.substring(times + 1)));
        }
        if (text.startsWith("0x")) {
            return new Exactly(octets(text));
        }
        return new Run(Expression.parse(text), null);
    }

    static List<Byte> octets(String text) {
        try {
            List<Byte> bytes = new ArrayList<>();
            for (byte each : HexFormat.of().parseHex(text.substring(2).replace("_", ""))) {
                bytes.add(each);
            }
            return List.copyOf(bytes);
        } catch (IllegalArgumentException e) {
            throw new ScriptFailure("'" + text + "' are no bytes: two digits make one");
        }
    }

    private static int code(String text) {
        long code = Expression.number(text);
        if (code < 0 || code > MOST_CODE) {
            throw new ScriptFailure("'" + text + "' is not within 0 and " + MOST_CODE);
        }
        return (int) code;
    }

    private static Expression syndromeOf(String text) {
        if (text.startsWith("ACK:")) {
            int credits = code(text.substring("ACK:".length()));
            return Expression.of(AckSyndrome.ack(credits));
        }
        if (text.startsWith("RNR:")) {
            int timer = code(text.substring("RNR:".length()));
            return Expression.of(AckSyndrome.rnrNak(timer));
        }
        return switch (text) {
            case "ACK" -> Expression.of(AckSyndrome.ACK_UNLIMITED);
            case "NAK:sequence" -> Expression.of(AckSyndrome.NAK_PSN_SEQUENCE_ERROR);
            case "NAK:invalid-request" -> Expression.of(AckSyndrome.NAK_INVALID_REQUEST);
            case "NAK:access" -> Expression.of(AckSyndrome.NAK_REMOTE_ACCESS_ERROR);
            case "NAK:operational" -> Expression.of(AckSyndrome.NAK_REMOTE_OPERATIONAL_ERROR);
            case "NAK:invalid-rd" -> Expression.of(AckSyndrome.NAK_INVALID_RD_REQUEST);
            default -> Expression.parse(text);
        };
    }

    /// A syndrome as scripts have it.
    static String syndrome(int syndrome) {
        if (AckSyndrome.isAck(syndrome)) {
            int credits = AckSyndrome.credits(syndrome);
            return syndrome == AckSyndrome.ACK_UNLIMITED ? "ACK" : "ACK:" + credits;
        }
        if (AckSyndrome.isRnrNak(syndrome)) {
            return "RNR:" + AckSyndrome.rnrTimer(syndrome);
        }
        return switch (syndrome) {
            case AckSyndrome.NAK_PSN_SEQUENCE_ERROR -> "NAK:sequence";
            case AckSyndrome.NAK_INVALID_REQUEST -> "NAK:invalid-request";
            case AckSyndrome.NAK_REMOTE_ACCESS_ERROR -> "NAK:access";
            case AckSyndrome.NAK_REMOTE_OPERATIONAL_ERROR -> "NAK:operational";
            case AckSyndrome.NAK_INVALID_RD_REQUEST -> "NAK:invalid-rd";
            default -> "0x" + Integer.toHexString(syndrome);
        };
    }

    private static int access(String text) {
        int bits = 0;
        for (String part : text.split(",", -1)) {
            bits |=
                    switch (part) {
                        case "none" -> 0;
                        case "all" -> allAccess();
                        case "local-write" -> AccessFlag.LOCAL_WRITE.bit();
                        case "write" -> AccessFlag.REMOTE_WRITE.bit();
                        case "read" -> AccessFlag.REMOTE_READ.bit();
                        case "atomic" -> AccessFlag.REMOTE_ATOMIC.bit();
                        case "flush-global" -> AccessFlag.FLUSH_GLOBAL.bit();
                        case "flush-persistent" -> AccessFlag.FLUSH_PERSISTENT.bit();
                        case "bind" -> AccessFlag.MW_BIND.bit();
                        case "zero-based" -> AccessFlag.ZERO_BASED.bit();
                        case "on-demand" -> AccessFlag.ON_DEMAND.bit();
                        case "relaxed-ordering" -> AccessFlag.RELAXED_ORDERING.bit();
                        default -> throw new ScriptFailure("'" + part + "' is no right");
                    };
        }
        return bits;
    }

    /// Rights as scripts have them.
    static String access(int bits) {
        List<String> names = new ArrayList<>();
        for (AccessFlag flag : AccessFlag.values()) {
            if ((bits & flag.bit()) != 0) {
                names.add(
                        switch (flag) {
                            case LOCAL_WRITE -> "local-write";
                            case REMOTE_WRITE -> "write";
                            case REMOTE_READ -> "read";
                            case REMOTE_ATOMIC -> "atomic";
                            case FLUSH_GLOBAL -> "flush-global";
                            case FLUSH_PERSISTENT -> "flush-persistent";
                            case MW_BIND -> "bind";
                            case ZERO_BASED -> "zero-based";
                            case ON_DEMAND -> "on-demand";
                            case RELAXED_ORDERING -> "relaxed-ordering";
                        });
            }
        }
        return names.isEmpty() ? "none" : String.join(",", names);
    }

    /// Every right of the peer; what only says how addresses and orders are meant is none.
    static int allAccess() {
        return Arrays.stream(AccessFlag.values())
                .filter(flag -> flag != AccessFlag.ZERO_BASED)
                .filter(flag -> flag != AccessFlag.ON_DEMAND)
                .filter(flag -> flag != AccessFlag.RELAXED_ORDERING)
                .mapToInt(AccessFlag::bit)
                .sum();
    }

    private static Value elements(String text) {
        List<Element> elements = new ArrayList<>();
        if (!"none".equals(text)) {
            for (String part : text.split(",", -1)) {
                elements.add(element(part));
            }
        }
        return new Elements(List.copyOf(elements));
    }

    private static Element element(String text) {
        String[] parts = text.split(":", -1);
        return switch (parts.length) {
            case 2 -> new Element(Expression.parse(parts[0]), Expression.parse(parts[1]), null);
            case 3 ->
                    new Element(
                            Expression.parse(parts[0]),
                            Expression.parse(parts[1]),
                            Expression.parse(parts[2]));
            default ->
                    throw new ScriptFailure(String.format(Locale.ROOT, "'%s' is no element", text));
        };
    }
}
