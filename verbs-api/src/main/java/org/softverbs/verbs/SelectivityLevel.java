package org.softverbs.verbs;

/// Which bytes a FLUSH is for.
///
/// Verbs name: `ibv_selectivity_level` / `ib_selectivity_level`. Source: InfiniBand annex A19.
public enum SelectivityLevel {
    /// Those of a range.
    RANGE,
    /// All that the remote key opens; address and length mean nothing then.
    MEMORY_REGION
}
