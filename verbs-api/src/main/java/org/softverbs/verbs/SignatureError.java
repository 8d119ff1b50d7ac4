package org.softverbs.verbs;

/// The first tuple that was not as it should be.
///
/// Verbs name: `ib_sig_err`.
///
/// @param field which part of the tuple
/// @param expected what it should be, unsigned
/// @param actual what it was, unsigned
/// @param offset bytes of data before the block
public record SignatureError(Field field, long expected, long actual, long offset) {

    /// A part of a tuple.
    public enum Field {
        GUARD,
        APPLICATION_TAG,
        REFERENCE_TAG
    }
}
