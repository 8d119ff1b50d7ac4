package org.softverbs.verbs;

/// Protection information (T10-DIF) on one side of a transfer: behind each block a tuple of 8
/// bytes, in network order: a guard of 16 bits over the block, an application tag of 16 bits,
/// and a
/// reference tag of 32 bits.
///
/// Verbs name: `ib_sig_domain` of type `IB_SIG_TYPE_T10_DIF`.
///
/// @param guard how the guard is computed
/// @param blockSize bytes of a block without its tuple
/// @param applicationTag 16 bits
/// @param referenceTag of the first block
/// @param referenceCounts whether the reference tag grows by one with each block (`ref_remap`)
public record SignatureDomain(
        SignatureGuard guard,
        int blockSize,
        int applicationTag,
        int referenceTag,
        boolean referenceCounts) {

    /// Bytes of a tuple.
    public static final int TUPLE = 8;

    private static final int MOST_BLOCK_SIZE = 65_536;
    private static final int MOST_TAG = 0xffff;

    /// @throws IllegalArgumentException for a block size or tag out of range
    public SignatureDomain {
        if (blockSize < TUPLE || blockSize > MOST_BLOCK_SIZE || blockSize % TUPLE != 0) {
            throw new IllegalArgumentException(
                    "blockSize " + blockSize + " is no multiple of 8 within 8 and 65536");
        }
        if (applicationTag < 0 || applicationTag > MOST_TAG) {
            throw new IllegalArgumentException(
                    "applicationTag " + applicationTag + " is not within 0 and 65535");
        }
    }

    /// Type 1 protection of blocks of 512 bytes: a CRC, and a reference tag that counts.
    public static SignatureDomain t10(int applicationTag, int referenceTag) {
        return new SignatureDomain(SignatureGuard.CRC, 512, applicationTag, referenceTag, true);
    }
}
