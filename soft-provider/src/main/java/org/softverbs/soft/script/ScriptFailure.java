package org.softverbs.soft.script;

/// What is wrong with a statement, for whoever knows its script and its line.
final class ScriptFailure extends RuntimeException {

    private static final long serialVersionUID = 1L;

    ScriptFailure(String what) {
        super(what, null, false, false);
    }

    String what() {
        return String.valueOf(getMessage());
    }
}
