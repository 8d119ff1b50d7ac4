package org.softverbs.verbs;

/// How the guard of protection information is computed.
///
/// Verbs name: `ib_t10_dif_bg_type`.
public enum SignatureGuard {
    /// The CRC of T10: polynomial 0x8bb7, no reflection, initial value 0.
    CRC,
    /// The checksum of IP, as some host adapters have it.
    IP_CHECKSUM
}
