package org.softverbs.soft.script;

import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.softverbs.soft.wire.roce.RnrTimer;

/// A time in a script: a sum of parts such as `20ms`, `timeout*2` and `rnr:12`.
record Duration(List<Part> parts) {

    private static final Pattern PART =
            Pattern.compile("([+-]?)(?:(timeout|rnr:\\d+|[0-9.]+(?:ns|us|ms|s)))(?:\\*(\\d+))?");
    private static final int MOST_RNR_CODE = 31;
    private static final long MICRO = 1000;
    private static final long MILLI = 1000 * MICRO;
    private static final long SECOND = 1000 * MILLI;

    /// One part; with `timeouts` its nanoseconds are those of a timeout of the connection.
    record Part(boolean timeout, long nanos, long factor) {}

    static Duration parse(String text) {
        List<Part> parts = new ArrayList<>();
        Matcher matcher = PART.matcher(text);
        int end = 0;
        while (matcher.find() && matcher.start() == end) {
            long sign = "-".equals(matcher.group(1)) ? -1 : 1;
            String times = matcher.group(3);
            long factor = sign * (times == null ? 1 : times(times, text));
            parts.add(part(matcher.group(2), factor));
            end = matcher.end();
        }
        if (parts.isEmpty() || end != text.length()) {
            throw new ScriptFailure(
                    "'"
                            + text
                            + "' is no time; it must be as 20ms, 4096ns, timeout, timeout*2-1ns or"
                            + " rnr:12");
        }
        return new Duration(List.copyOf(parts));
    }

    private static Part part(String text, long factor) {
        if ("timeout".equals(text)) {
            return new Part(true, 0, factor);
        }
        if (text.startsWith("rnr:")) {
            long code = times(text.substring("rnr:".length()), text);
            if (code > MOST_RNR_CODE) {
                throw new ScriptFailure(
                        "'" + text + "' is no RNR timer: its codes are 0 to " + MOST_RNR_CODE);
            }
            return new Part(false, RnrTimer.nanos((int) code), factor);
        }
        int digits = text.length() - (text.matches(".*[num]s") ? 2 : 1);
        long unit =
                switch (text.substring(digits)) {
                    case "ns" -> 1;
                    case "us" -> MICRO;
                    case "ms" -> MILLI;
                    default -> SECOND;
                };
        try {
            BigDecimal value =
                    new BigDecimal(text.substring(0, digits)).multiply(BigDecimal.valueOf(unit));
            if (value.compareTo(BigDecimal.valueOf(Long.MAX_VALUE)) > 0) {
                throw tooLong(text);
            }
            return new Part(false, value.longValueExact(), factor);
        } catch (ArithmeticException | NumberFormatException e) {
            throw new ScriptFailure("'" + text + "' is no whole number of nanoseconds");
        }
    }

    private static long times(String digits, String text) {
        try {
            return Long.parseLong(digits);
        } catch (NumberFormatException e) {
            throw tooLong(text);
        }
    }

    private static ScriptFailure tooLong(String text) {
        return new ScriptFailure(
                "'" + text + "' is longer than " + Long.MAX_VALUE + " ns, the longest time");
    }

    /// @param timeout nanoseconds of a timeout of the connection
    long nanos(long timeout) {
        long sum = 0;
        for (Part part : parts) {
            if (part.timeout() && timeout == Long.MAX_VALUE) {
                throw new ScriptFailure("the connection has no timeout");
            }
            try {
                long nanos = part.timeout() ? timeout : part.nanos();
                sum = Math.addExact(sum, Math.multiplyExact(part.factor(), nanos));
            } catch (ArithmeticException e) {
                throw new ScriptFailure(
                        "the time is longer than " + Long.MAX_VALUE + " ns, the longest there is");
            }
        }
        if (sum < 0) {
            throw new ScriptFailure("time does not run backwards");
        }
        return sum;
    }

    /// The statement that lets so much time pass.
    static String text(long nanos) {
        if (nanos % SECOND == 0) {
            return "+" + nanos / SECOND + "s";
        }
        if (nanos % MILLI == 0) {
            return "+" + nanos / MILLI + "ms";
        }
        return nanos % MICRO == 0 ? "+" + nanos / MICRO + "us" : "+" + nanos + "ns";
    }
}
