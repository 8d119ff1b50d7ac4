package org.softverbs.soft.script;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// A number in a script: numbers, names and multiples of names, added and subtracted, as in
/// `exposed+8*i`.
record Expression(List<Term> terms) {

    private static final Pattern TERM = Pattern.compile("([+-]?)([^+-]+)");
    private static final Pattern NAME = Pattern.compile("[a-z][a-z0-9]*");
    private static final int HEX = 16;

    /// One part of a sum.
    ///
    /// @param name what stands for a number, or null for 1
    /// @param factor how often it is added
    record Term(@Nullable String name, long factor) {}

    /// What names stand for.
    interface Names {

        /// The number of a name; a [ScriptFailure] when it has none.
        long valueOf(String name);
    }

    static Expression of(long value) {
        return new Expression(List.of(new Term(null, value)));
    }

    static Expression parse(String text) {
        List<Term> terms = new ArrayList<>();
        Matcher matcher = TERM.matcher(text);
        int end = 0;
        while (matcher.find() && matcher.start() == end) {
            terms.add(term(matcher.group(2), "-".equals(matcher.group(1)) ? -1 : 1));
            end = matcher.end();
        }
        if (terms.isEmpty() || end != text.length()) {
            throw new ScriptFailure("'" + text + "' is no number");
        }
        return new Expression(List.copyOf(terms));
    }

    private static Term term(String text, long sign) {
        String name = null;
        long factor = 1;
        for (String part : text.split("\\*", -1)) {
            if (NAME.matcher(part).matches() && name == null) {
                name = part;
            } else {
                long number = number(part);
                if (Math.unsignedMultiplyHigh(factor, number) != 0) {
                    throw tooLarge(text);
                }
                factor *= number;
            }
        }
        return new Term(name, sign * factor);
    }

    /// A number without names: decimal, with `0x` hexadecimal, or a power as in `2^31`.
    static long number(String text) {
        String digits = text.replace("_", "");
        try {
            int power = digits.indexOf('^');
            if (power > 0) {
                return power(
                        Long.parseUnsignedLong(digits.substring(0, power)),
                        Integer.parseInt(digits.substring(power + 1)),
                        text);
            }
            return digits.startsWith("0x")
                    ? Long.parseUnsignedLong(digits.substring(2), HEX)
                    : Long.parseUnsignedLong(digits);
        } catch (NumberFormatException e) {
            throw new ScriptFailure(
                    digits.matches("\\d+|0x[0-9a-fA-F]+")
                            ? tooLarge(text).what()
                            : "'" + text + "' is no number");
        }
    }

    private static long power(long base, int exponent, String text) {
        if (base == 0 || base == 1) {
            return exponent == 0 ? 1 : base;
        }
        if (exponent < 0 || exponent >= Long.SIZE) {
            throw tooLarge(text);
        }
        long value = 1;
        for (int i = 0; i < exponent; i++) {
            if (Math.unsignedMultiplyHigh(value, base) != 0) {
                throw tooLarge(text);
            }
            value *= base;
        }
        return value;
    }

    private static ScriptFailure tooLarge(String text) {
        return new ScriptFailure("'" + text + "' is not within 0 and 2^64-1");
    }

    /// The sum; it is one of 64 bits, as addresses are, and wraps.
    long value(Names names) {
        long sum = 0;
        for (Term term : terms) {
            String name = term.name();
            sum += name == null ? term.factor() : names.valueOf(name) * term.factor();
        }
        return sum;
    }

    /// The name that it begins with, if it does.
    @Nullable String firstName() {
        return terms.getFirst().name();
    }
}
