package org.softverbs.verbs;

/// Properties of a protection domain of kernel code.
///
/// Verbs name: `ib_pd_flags`.
public enum ProtectionDomainFlag {
    /// Gives the domain a remote key to all memory of the host. Whoever learns it reads and writes
    /// what he likes: the device warns when it is asked for.
    UNSAFE_GLOBAL_RKEY
}
