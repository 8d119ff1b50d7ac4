package org.softverbs.verbs;

/// What memory was wanted for.
public enum MemoryRight {
    LOCAL_READ("for reading"),
    LOCAL_WRITE("for writing"),
    REMOTE_READ("for reading by the peer"),
    REMOTE_WRITE("for writing by the peer"),
    REMOTE_ATOMIC("for an atomic by the peer"),
    FLUSH_GLOBAL("for a flush to global visibility by the peer"),
    FLUSH_PERSISTENT("for a flush to persistence by the peer"),
    /// To change what a key opens: bind, register, invalidate.
    KEY_CHANGE("for a change of what it opens");

    private final String description;

    MemoryRight(String description) {
        this.description = description;
    }

    /// What it is in a sentence.
    public String description() {
        return description;
    }
}
