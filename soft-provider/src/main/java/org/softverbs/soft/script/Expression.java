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
        long factor = sign;
        for (String part : text.split("\\*", -1)) {
            if (NAME.matcher(part).matches() && name == null) {
                name = part;
            } else {
                factor *= number(part);
            }
        }
        return new Term(name, factor);
    }

    /// A number without names: decimal, with `0x` hexadecimal, or a power as in `2^31`.
    static long number(String text) {
        String digits = text.replace("_", "");
        try {
            int power = digits.indexOf('^');
            if (power > 0) {
                long base = Long.parseLong(digits.substring(0, power));
                long value = 1;
                for (int i = Integer.parseInt(digits.substring(power + 1)); i > 0; i--) {
                    value *= base;
                }
                return value;
            }
            return digits.startsWith("0x")
                    ? Long.parseUnsignedLong(digits.substring(2), HEX)
                    : Long.parseUnsignedLong(digits);
        } catch (NumberFormatException e) {
            throw new ScriptFailure("'" + text + "' is no number");
        }
    }

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
