package org.softverbs.soft.link;

import java.util.Locale;
import org.softverbs.verbs.Errno;
import org.softverbs.verbs.VerbsException;

/// How often a link does harm to the packets it sends, each a probability from 0 to 1.
///
/// @param drop lost
/// @param duplicate sent twice
/// @param reorder sent after later ones
/// @param corrupt sent with one bit turned over
/// @param delay held back for [FaultLink#DELAY]
public record FaultPlan(
        double drop, double duplicate, double reorder, double corrupt, double delay) {

    /// No harm at all.
    public static final FaultPlan NONE = new FaultPlan(0, 0, 0, 0, 0);

    private static final String OPEN = "open";

    public FaultPlan {
        check("drop", drop);
        check("duplicate", duplicate);
        check("reorder", reorder);
        check("corrupt", corrupt);
        check("delay", delay);
    }

    private static void check(String name, double probability) {
        if (!(probability >= 0 && probability <= 1)) {
            throw new VerbsException(
                    Errno.EINVAL,
                    OPEN,
                    "fault " + name + " " + probability + " is not within 0 and 1");
        }
    }

    /// Reads `drop=0.05,reorder=0.1`; what is not named is 0.
    ///
    /// @throws VerbsException `EINVAL` for anything else
    public static FaultPlan parse(String text) {
        double drop = 0;
        double duplicate = 0;
        double reorder = 0;
        double corrupt = 0;
        double delay = 0;
        for (String part : text.split(",", -1)) {
            int equals = part.indexOf('=');
            if (equals < 0) {
                throw malformed(part);
            }
            double value = number(part, part.substring(equals + 1));
            switch (part.substring(0, equals).trim().toLowerCase(Locale.ROOT)) {
                case "drop" -> drop = value;
                case "duplicate" -> duplicate = value;
                case "reorder" -> reorder = value;
                case "corrupt" -> corrupt = value;
                case "delay" -> delay = value;
                default -> throw malformed(part);
            }
        }
        return new FaultPlan(drop, duplicate, reorder, corrupt, delay);
    }

    private static double number(String part, String value) {
        try {
            return Double.parseDouble(value);
        } catch (NumberFormatException e) {
            throw malformed(part);
        }
    }

    private static VerbsException malformed(String part) {
        return new VerbsException(
                Errno.EINVAL,
                OPEN,
                "fault '"
                        + part
                        + "' is not NAME=PROBABILITY with NAME one of drop, duplicate, reorder,"
                        + " corrupt, delay");
    }
}
