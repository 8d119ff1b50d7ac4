package org.softverbs.verbs;

/// A promise that one thread at a time uses what is made with it: a provider may do without locks
/// there, or share resources within it.
///
/// Verbs name: `ibv_td`.
public interface ThreadDomain extends AutoCloseable {

    DeviceContext context();

    /// @throws VerbsException `EBUSY` when parent domains still use it; it lists them
    @Override
    void close();
}
