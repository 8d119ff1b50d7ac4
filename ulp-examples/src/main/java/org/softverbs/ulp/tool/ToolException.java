package org.softverbs.ulp.tool;

/// A tool cannot go on; the message is the one line that its user reads.
public final class ToolException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    public ToolException(String message) {
        super(message);
    }

    public ToolException(String message, Throwable cause) {
        super(message, cause);
    }
}
