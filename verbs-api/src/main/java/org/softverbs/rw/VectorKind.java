package org.softverbs.rw;

/// The structure in which a ULP keeps its memory.
public enum VectorKind {
    /// `struct scatterlist`.
    SCATTER_LIST,
    /// `struct bio_vec`.
    BIO_VECTOR
}
