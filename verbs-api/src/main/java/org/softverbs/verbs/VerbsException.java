package org.softverbs.verbs;

import org.jspecify.annotations.Nullable;

/// A verb was refused, and nothing changed.
///
/// The message reads `verb: sentence`, where the sentence names the field that is wrong and the
/// limit it broke, for example `createCompletionQueue: entries 0 is below the minimum 1`.
///
/// Verbs name: the negative or returned errno of the `ibv_`/`ib_` call.
public class VerbsException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    private final Errno errno;
    private final String verb;
    private final transient @Nullable Explanation explanation;

    public VerbsException(Errno errno, String verb, String reason) {
        super(verb + ": " + reason + " (" + errno + ")");
        this.errno = errno;
        this.verb = verb;
        this.explanation = null;
    }

    /// @param because what the refusal comes from, in more detail than the reason
    public VerbsException(Errno errno, String verb, String reason, Explanation because) {
        super(verb + ": " + reason + " (" + errno + ")");
        this.errno = errno;
        this.verb = verb;
        this.explanation = because;
    }

    public VerbsException(Errno errno, String verb, String reason, Throwable cause) {
        super(verb + ": " + reason + " (" + errno + ")", cause);
        this.errno = errno;
        this.verb = verb;
        this.explanation = cause instanceof VerbsException other ? other.explanation : null;
    }

    /// Why the verb was refused: the refusal itself, then what it comes from where something before
    /// it brought it about, or a limit, a state or a count has its own facts.
    public Explanation explain() {
        Cause refused = new VerbCause.VerbRefused(verb, errno, reason());
        return explanation == null ? Explanation.of(refused) : explanation.behind(refused);
    }

    /// The message without verb and errno.
    final String reason() {
        String message = String.valueOf(getMessage());
        String prefix = verb + ": ";
        String suffix = " (" + errno + ")";
        return message.substring(prefix.length(), message.length() - suffix.length());
    }

    /// The error number that the C verb would have given.
    public Errno errno() {
        return errno;
    }

    /// The verb that was refused, spelled as the Java method.
    public String verb() {
        return verb;
    }
}
