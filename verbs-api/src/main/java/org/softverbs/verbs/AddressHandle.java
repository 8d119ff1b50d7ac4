package org.softverbs.verbs;

/// The way to a port that datagrams go to. Datagrams that were posted with it go out though it is
/// closed.
///
/// Verbs name: `ibv_ah` / `ib_ah`.
public interface AddressHandle extends AutoCloseable {

    ProtectionDomain protectionDomain();

    /// What it was made of.
    AddressVector addressVector();

    /// Gives the handle back.
    @Override
    void close();
}
