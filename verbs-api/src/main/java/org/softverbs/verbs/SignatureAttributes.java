package org.softverbs.verbs;

import java.util.Optional;

/// What a signature registration does with protection information between memory and wire.
///
/// | memory | wire | what is done |
/// |---|---|---|
/// | without | with | WRITE: generated; READ: checked and stripped |
/// | with | without | WRITE: checked and stripped; READ: generated |
/// | with | with | checked, and passed on in the form of the other side |
///
/// Verbs name: `ib_sig_attrs`.
///
/// @param memory the form in memory, where tuples lie apart from the data; none without
/// @param wire the form on the wire, where each tuple follows its block; none without
public record SignatureAttributes(
        Optional<SignatureDomain> memory, Optional<SignatureDomain> wire) {

    /// @throws IllegalArgumentException when neither side has it, or block sizes differ
    public SignatureAttributes {
        if (memory.isEmpty() && wire.isEmpty()) {
            throw new IllegalArgumentException(
                    "neither memory nor wire has protection information");
        }
        if (memory.isPresent()
                && wire.isPresent()
                && memory.get().blockSize() != wire.get().blockSize()) {
            throw new IllegalArgumentException(
                    "block sizes of memory and wire differ: "
                            + memory.get().blockSize()
                            + " and "
                            + wire.get().blockSize());
        }
    }

    /// Bytes of a block, without its tuple.
    public int blockSize() {
        return memory.or(() -> wire).orElseThrow().blockSize();
    }
}
