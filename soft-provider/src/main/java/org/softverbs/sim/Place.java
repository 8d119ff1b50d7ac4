package org.softverbs.sim;

import java.util.Locale;

/// Where a fault happens: at a node, or on the path from one to another. Nodes are counted from 1.
///
/// @param from the node, or the one that sends
/// @param to the one that receives, 0 for a node
public record Place(int from, int to) {

    /// The highest number of a node.
    public static final int MOST_NODES = 255;

    public Place {
        if (from > MOST_NODES || to > MOST_NODES) {
            throw new IllegalArgumentException(
                    "place '%s' is of a node above n%d".formatted(name(from, to), MOST_NODES));
        }
        if (from < 1 || to < 0) {
            throw new IllegalArgumentException("nodes are counted from 1: " + from + ">" + to);
        }
    }

    /// A node.
    public static Place node(int node) {
        return new Place(node, 0);
    }

    /// The way from one node to another.
    public static Place path(int from, int to) {
        return new Place(from, to);
    }

    /// Reads what [#toString] gives.
    ///
    /// @throws IllegalArgumentException for anything else
    public static Place parse(String text) {
        String lower = text.toLowerCase(Locale.ROOT);
        int arrow = lower.indexOf('>');
        try {
            return arrow < 0
                    ? node(number(lower))
                    : path(number(lower.substring(0, arrow)), number(lower.substring(arrow + 1)));
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException("place '" + text + "' is neither n1 nor n1>n2", e);
        }
    }

    private static int number(String name) {
        return name.startsWith("n") ? Integer.parseInt(name.substring(1)) : Integer.parseInt("");
    }

    /// `n1`, or `n1>n2`.
    @Override
    public String toString() {
        return name(from, to);
    }

    private static String name(int from, int to) {
        return to == 0 ? "n" + from : "n" + from + ">n" + to;
    }
}
