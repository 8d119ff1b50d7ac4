package org.softverbs.rw;

import java.util.List;
import org.softverbs.verbs.Sge;

/// How memory can be named in a request: what a ULP is told that asked for a registration.
public sealed interface RegistrationResult {

    /// No registration was needed: one element with the local DMA key names all of it.
    record NoRegistrationNeeded(Sge element) implements RegistrationResult {}

    /// Registrations, each with a key of its own, good from the REG_MR request on.
    ///
    /// @param elements one for each registration
    record Registered(List<Sge> elements) implements RegistrationResult {
        public Registered {
            elements = List.copyOf(elements);
        }
    }

    /// No registration, but several elements with the local DMA key.
    record Elements(List<Sge> elements) implements RegistrationResult {
        public Elements {
            elements = List.copyOf(elements);
        }
    }
}
