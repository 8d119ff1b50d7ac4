package org.softverbs.soft.script;

import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Collectors;

/// Says what somebody may have meant.
final class Suggestion {

    private static final int MOST_NAMES = 24;

    private Suggestion() {}

    /// "did you mean 'psn'?" when a name is near, else all the names if they are not too many.
    static String of(String wrong, Collection<String> names) {
        List<String> byDistance =
                names.stream()
                        .sorted(Comparator.comparingInt(name -> distance(wrong, name)))
                        .toList();
        if (byDistance.isEmpty()) {
            return "";
        }
        String nearest = byDistance.getFirst();
        if (distance(wrong, nearest) <= Math.max(2, wrong.length() / 3)) {
            return "; did you mean '" + nearest + "'?";
        }
        return names.size() > MOST_NAMES
                ? ""
                : names.stream().collect(Collectors.joining(", ", "; there is ", ""));
    }

    /// Letters to change, insert or leave out (Levenshtein).
    private static int distance(String left, String right) {
        int[] row = new int[right.length() + 1];
        for (int j = 0; j <= right.length(); j++) {
            row[j] = j;
        }
        for (int i = 1; i <= left.length(); i++) {
            int diagonal = row[0];
            row[0] = i;
            for (int j = 1; j <= right.length(); j++) {
                int above = row[j];
                int same = left.charAt(i - 1) == right.charAt(j - 1) ? 0 : 1;
                row[j] = Math.min(diagonal + same, Math.min(above, row[j - 1]) + 1);
                diagonal = above;
            }
        }
        return row[right.length()];
    }
}
