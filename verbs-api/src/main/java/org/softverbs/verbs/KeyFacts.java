package org.softverbs.verbs;

import java.util.Set;
import java.util.TreeSet;

/// What a device knows of a key at the moment at which it refused it.
///
/// @param state whether it is the key of something
/// @param address first byte that it opens, in its own address space; 0 for none
/// @param length bytes that it opens, unsigned; 0 for none
/// @param access rights that it gives
/// @param domain identity of the protection domain that it belongs to; 0 for none
public record KeyFacts(
        KeyState state, long address, long length, Set<AccessFlag> access, int domain) {

    public KeyFacts {
        access = Set.copyOf(access);
    }

    /// Of a key that opens nothing.
    public static KeyFacts nothing(KeyState state) {
        return new KeyFacts(state, 0, 0, Set.of(), 0);
    }

    @Override
    public String toString() {
        return state == KeyState.IN_USE && length != 0
                ? "it opens 0x%x to 0x%x for %s"
                        .formatted(address, address + length - 1, new TreeSet<>(access))
                : "the key is " + state.description();
    }
}
