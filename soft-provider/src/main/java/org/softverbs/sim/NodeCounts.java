package org.softverbs.sim;

/// How many nodes a scenario may have: `least`, and more in steps, up to [#MOST].
///
/// @param least the smallest number
/// @param step how far it is from one number to the next
public record NodeCounts(int least, int step) {

    /// No scenario has more.
    public static final int MOST = 16;

    /// Whether a scenario may have so many.
    public boolean takes(int nodes) {
        return nodes >= least && nodes <= MOST && (nodes - least) % step == 0;
    }

    /// In words.
    @Override
    public String toString() {
        return least + " to " + MOST + (step == 1 ? "" : " in steps of " + step);
    }
}
