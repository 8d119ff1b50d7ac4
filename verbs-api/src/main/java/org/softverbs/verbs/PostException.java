package org.softverbs.verbs;

/// A request of a posted list was refused. All requests before [#badIndex()] were posted, the one
/// at it and all after it were not; of [QueuePair#postSendAll] none was.
///
/// Verbs name: `bad_wr` of `ibv_post_send` and `ibv_post_recv`.
public final class PostException extends VerbsException {

    private static final long serialVersionUID = 1L;

    private final int badIndex;

    public PostException(VerbsException cause, int badIndex) {
        super(cause.errno(), cause.verb(), "request " + badIndex + ": " + cause.reason(), cause);
        this.badIndex = badIndex;
    }

    /// Position in the posted list of the request that was refused.
    public int badIndex() {
        return badIndex;
    }
}
