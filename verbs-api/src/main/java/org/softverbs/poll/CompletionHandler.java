package org.softverbs.poll;

import org.softverbs.verbs.CompletionCursor;

/// What is done when a request ends.
///
/// Kernel name: `ib_cqe`, its `done`.
@FunctionalInterface
public interface CompletionHandler {

    /// @param completion the completion, good until this returns
    void done(CompletionCursor completion);
}
