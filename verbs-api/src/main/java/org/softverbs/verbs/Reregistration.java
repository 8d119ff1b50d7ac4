package org.softverbs.verbs;

import java.lang.foreign.MemorySegment;
import java.util.Optional;
import java.util.Set;

/// What is to change of a memory region.
///
/// Verbs name: `ibv_rereg_mr_flags` with the values they are about.
///
/// @param translation other memory (`IBV_REREG_MR_CHANGE_TRANSLATION`)
/// @param domain another protection domain (`IBV_REREG_MR_CHANGE_PD`)
/// @param access other rights (`IBV_REREG_MR_CHANGE_ACCESS`)
public record Reregistration(
        Optional<MemorySegment> translation,
        Optional<ProtectionDomain> domain,
        Optional<Set<AccessFlag>> access) {

    public Reregistration {
        access = access.map(Set::copyOf);
    }

    /// No change yet.
    public static Reregistration nothing() {
        return new Reregistration(Optional.empty(), Optional.empty(), Optional.empty());
    }

    /// The same with other memory.
    public Reregistration withTranslation(MemorySegment segment) {
        return new Reregistration(Optional.of(segment), domain, access);
    }

    /// The same with another protection domain.
    public Reregistration withDomain(ProtectionDomain other) {
        return new Reregistration(translation, Optional.of(other), access);
    }

    /// The same with other rights.
    public Reregistration withAccess(Set<AccessFlag> flags) {
        return new Reregistration(translation, domain, Optional.of(flags));
    }
}
