package org.softverbs.verbs;

/// How a memory window is bound and who may use it.
///
/// Verbs name: `ibv_mw_type` / `ib_mw_type`.
public enum MemoryWindowType {
    /// Bound by a verb, again and again, for every queue pair of its domain. The device chooses the
    /// key.
    TYPE_1,
    /// Bound by a work request, once before it must be invalidated, for the queue pair it was bound
    /// on alone (type 2B). The caller chooses the low 8 bits of the key.
    TYPE_2
}
