package org.softverbs.sim;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import org.softverbs.soft.wire.roce.RoceOpcode;

/// One thing that goes wrong: what, where, and on which occasion.
///
/// @param kind what
/// @param place where
/// @param opcode only packets of this kind count as occasions; null for all
/// @param occasion the first occasion it happens on, from 1
/// @param times on how many occasions in a row
/// @param argument how far, as [FaultKind] says
public record Fault(
        FaultKind kind,
        Place place,
        @Nullable RoceOpcode opcode,
        long occasion,
        long times,
        long argument) {

    public Fault {
        if (kind.isOfPacket() != (place.to() != 0)) {
            throw new IllegalArgumentException(
                    kind + (kind.isOfPacket() ? " needs a path" : " needs a node") + ": " + place);
        }
        requireAtLeast("occasion #", occasion, 1);
        requireAtLeast("times x", times, 1);
        requireAtLeast("argument =", argument, 0);
        if (opcode != null && !kind.isOfPacket()) {
            throw new IllegalArgumentException(kind + " befalls no packets: " + opcode);
        }
    }

    private static void requireAtLeast(String what, long value, long least) {
        if (value < least) {
            throw new IllegalArgumentException(what + value + " is less than " + least);
        }
    }

    /// What happens once, on an occasion of any kind of packet.
    public static Fault once(FaultKind kind, Place place, long occasion, long argument) {
        return new Fault(kind, place, null, occasion, 1, argument);
    }

    /// Reads what [#toString] gives: `LOSS n1>n2 RC_SEND_ONLY #3 x2 =0`, of which opcode, `x` and
    /// `=` may be left out.
    ///
    /// @throws IllegalArgumentException for anything else, with the word that is wrong
    public static Fault parse(String text) {
        List<String> words = List.of(text.trim().split("\\s+", -1));
        if (words.size() < 3) {
            throw new IllegalArgumentException(
                    "fault '"
                            + text
                            + "' is not KIND PLACE [OPCODE] #OCCASION [xTIMES] [=ARGUMENT]");
        }
        if (words.stream().noneMatch(word -> word.startsWith("#"))) {
            throw new IllegalArgumentException(
                    "fault '" + text + "' lacks #OCCASION, as in LOSS n1>n2 #1");
        }
        RoceOpcode opcode = null;
        long occasion = 0;
        long times = 1;
        long argument = 0;
        for (String word : words.subList(2, words.size())) {
            switch (word.charAt(0)) {
                case '#' -> occasion = number(word);
                case 'x' -> times = number(word);
                case '=' -> argument = number(word);
                default -> opcode = constant(RoceOpcode.class, word);
            }
        }
        FaultKind kind = constant(FaultKind.class, words.get(0));
        return new Fault(kind, Place.parse(words.get(1)), opcode, occasion, times, argument);
    }

    private static long number(String word) {
        try {
            return Long.parseLong(word, 1, word.length(), 10);
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException("'" + word + "' holds no number", e);
        }
    }

    private static <E extends Enum<E>> E constant(Class<E> type, String word) {
        try {
            return Enum.valueOf(type, word.toUpperCase(Locale.ROOT));
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("'" + word + "' is no " + type.getSimpleName(), e);
        }
    }

    @Override
    public String toString() {
        List<String> words = new ArrayList<>();
        words.add(kind.name());
        words.add(place.toString());
        if (opcode != null) {
            words.add(opcode.name());
        }
        words.add("#" + occasion);
        if (times != 1) {
            words.add("x" + times);
        }
        if (argument != 0) {
            words.add("=" + argument);
        }
        return String.join(" ", words);
    }
}
