package org.softverbs.soft.explain;

import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/// Where an element of a scatter list lies.
public enum ElementKind {
    /// Ordinary memory, not next to the element before.
    RAM,
    /// Directly behind the element before, in the same memory.
    ADJACENT,
    /// A peer's BAR that is reached by bus address.
    P2P_BUS,
    /// A peer's BAR that is reached through the host bridge.
    P2P_BRIDGE,
    /// A peer's BAR that cannot be reached.
    P2P_NONE,
    /// High memory.
    HIGHMEM,
    /// Private memory of a confidential guest.
    PRIVATE;

    /// The name in a specification.
    public String word() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    static Optional<ElementKind> of(String word) {
        return Arrays.stream(values()).filter(kind -> kind.word().equals(word)).findFirst();
    }
}
