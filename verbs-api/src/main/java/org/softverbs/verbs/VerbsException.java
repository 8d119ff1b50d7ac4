package org.softverbs.verbs;

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

    public VerbsException(Errno errno, String verb, String reason) {
        super(verb + ": " + reason + " (" + errno + ")");
        this.errno = errno;
        this.verb = verb;
    }

    public VerbsException(Errno errno, String verb, String reason, Throwable cause) {
        super(verb + ": " + reason + " (" + errno + ")", cause);
        this.errno = errno;
        this.verb = verb;
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
