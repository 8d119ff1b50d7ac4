package org.softverbs.interop;

import java.util.List;

/// How much of the interop matrix runs: a representative part in every `verify`, all of it with the
/// Maven profile `matrix`.
final class Matrix {

    /// Set by the profile `matrix`.
    private static final String PROPERTY = "softverbs.matrix";

    private Matrix() {}

    static boolean isWhole() {
        return Boolean.getBoolean(PROPERTY);
    }

    /// The whole list with the profile, else the part.
    static <T> List<T> choose(List<T> representative, List<T> whole) {
        return isWhole() ? whole : representative;
    }
}
