package org.softverbs.soft.script;

/// A text is no packet script. The message names script and line, what is wrong, and what would be
/// right.
public final class RpktException extends Exception {

    private static final long serialVersionUID = 1L;

    RpktException(String name, int line, String what) {
        super(name + ":" + line + ": " + what);
    }
}
