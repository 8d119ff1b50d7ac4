package org.softverbs.ulp.store;

/// A READ or WRITE whose transfer is to begin.
///
/// @param connection of the client
/// @param place of the connection that the command has
/// @param request what the client asks for
record WaitingCommand(StoreConnection connection, int place, RequestCapsule request) {}
