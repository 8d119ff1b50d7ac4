package org.softverbs.ulp.tool;

import org.softverbs.verbs.WorkCompletionStatus;

/// A tool cannot go on; the message is the one line that its user reads.
public final class ToolException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    public ToolException(String message) {
        super(message);
    }

    public ToolException(String message, Throwable cause) {
        super(message, cause);
    }

    /// What is mostly behind a failed completion, to go behind its status; empty for most.
    public static String likelyCause(WorkCompletionStatus status) {
        return switch (status) {
            case RETRY_EXC_ERR ->
                    ": the peer does not answer on UDP port 4791 (it is not reachable, has no such"
                            + " queue pair, or went away)";
            case RNR_RETRY_EXC_ERR -> ": the peer posted no receives";
            default -> "";
        };
    }
}
