package org.softverbs.verbs;

/// What this side's own end of a connection's path is like: no peer answers what does not leave.
public enum LocalPath {
    /// Nothing is known to be wrong with its port and the GID that the connection sends from. Links
    /// over UDP do not tell of either.
    SOUND(""),
    /// Its port is down, or its device was removed.
    PORT_DOWN("this side's own port is down"),
    /// The GID that the connection sends from is no longer in the table of its port.
    GID_GONE("this side's port no longer has the GID that the connection sends from");

    private final String description;

    LocalPath(String description) {
        this.description = description;
    }

    /// For a sentence; empty when it is sound.
    public String description() {
        return description;
    }

    /// What follows in a sentence.
    String clause() {
        return description.isEmpty() ? "" : "; " + description;
    }
}
