package org.softverbs.verbs;

/// How the wire uses a GID.
///
/// Verbs name: `ibv_gid_type`.
public enum GidType {
    IB,
    ROCE_V1,
    ROCE_V2
}
