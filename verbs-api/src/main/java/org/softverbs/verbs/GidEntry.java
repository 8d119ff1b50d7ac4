package org.softverbs.verbs;

/// A row of a port's GID table.
///
/// Verbs name: `ibv_gid_entry`.
///
/// @param index position in the table
/// @param gid the identifier
/// @param type how the wire uses it
/// @param interfaceName the network interface that has the address
public record GidEntry(int index, GlobalIdentifier gid, GidType type, String interfaceName) {}
