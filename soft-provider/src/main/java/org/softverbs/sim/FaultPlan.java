package org.softverbs.sim;

import java.util.List;
import org.jspecify.annotations.Nullable;
import org.softverbs.soft.wire.roce.RoceOpcode;

/// Decides on each occasion what goes wrong.
public interface FaultPlan {

    /// The answer when nothing goes wrong.
    long NOTHING = -1;

    /// Whether a kind can happen at all; no occasion of another is asked about.
    boolean has(FaultKind kind);

    /// Decides about one occasion. Each occasion of a kind at a place is asked about once, in
    /// order.
    ///
    /// @param kind what may happen
    /// @param place where
    /// @param occasion the how-manieth it is there, from 1
    /// @param opcode the packet's, when it has one
    /// @return the fault's argument, or [#NOTHING]
    long decide(FaultKind kind, Place place, long occasion, @Nullable RoceOpcode opcode);

    /// A plan in which nothing goes wrong.
    static FaultPlan none() {
        return new ListedPlan(List.of());
    }
}
