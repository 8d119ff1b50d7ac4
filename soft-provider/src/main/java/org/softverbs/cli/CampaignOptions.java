package org.softverbs.cli;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import org.softverbs.sim.Scenario;
import org.softverbs.sim.Shrinker;

/**
 * What a campaign was asked for that a run of it needs again: the scenario, or {@code all}, the
 * first seed, the nodes when they were named, and the tree whose classes are run when it is another
 * one.
 */
record CampaignOptions(String scenario, long from, @Nullable Integer nodes, @Nullable Path source) {

    int nodesOf(Scenario of) {
        return nodes == null ? of.standardNodes() : nodes;
    }

    String commit() {
        return source == null ? Commit.ofWorkTree() : Commit.of(source);
    }

    /** The command line that runs a failed seed again, with its plan if that breaks it, too. */
    String replay(Scenario of, long seed, FailureRecord kept) {
        return "./softverbs simulate"
                + (source == null ? "" : " --source " + source)
                + " --scenario "
                + of.name()
                + (nodes == null ? "" : " --nodes " + nodes)
                + " --replay "
                + seed
                + (kept.end() == Shrinker.End.NOT_AGAIN ? "" : " --plan " + kept.planFile());
    }
}
