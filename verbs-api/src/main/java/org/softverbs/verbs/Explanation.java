package org.softverbs.verbs;

import java.util.ArrayList;
import java.util.List;

/// Why something ended as it did: from what the caller sees to what brought it about.
///
/// It holds what this side knows. Of a NAK that is a syndrome; the reason stands in the
/// [QueuePair#firstError()] of the peer.
///
/// @param causes at least one; each was brought about by the one after it, the last is the root
public record Explanation(List<Cause> causes) {

    public Explanation {
        causes = List.copyOf(causes);
        if (causes.isEmpty()) {
            throw new IllegalArgumentException("an explanation has at least one cause");
        }
    }

    /// An explanation, the root last.
    public static Explanation of(Cause... causes) {
        return new Explanation(List.of(causes));
    }

    /// This one as the reason for something else.
    public Explanation behind(Cause effect) {
        List<Cause> longer = new ArrayList<>(causes.size() + 1);
        longer.add(effect);
        longer.addAll(causes);
        return new Explanation(longer);
    }

    /// What the caller sees.
    public Cause effect() {
        return causes.getFirst();
    }

    /// What brought it about.
    public Cause root() {
        return causes.getLast();
    }

    /// What to look at; empty when there is nothing to mend.
    public String hint() {
        return root().hint();
    }

    /// One line: effect and causes, then the hint.
    public String line() {
        StringBuilder line = new StringBuilder(effect().sentence());
        causes.stream().skip(1).forEach(it -> line.append(", because ").append(it.sentence()));
        return hint().isEmpty() ? line.toString() : line.append("; ").append(hint()).toString();
    }

    /// A line for each cause, each behind the one that it explains.
    @Override
    public String toString() {
        StringBuilder text = new StringBuilder(effect().sentence());
        causes.stream().skip(1).forEach(it -> text.append("\n  because ").append(it.sentence()));
        return hint().isEmpty() ? text.toString() : text.append("\n  ").append(hint()).toString();
    }
}
