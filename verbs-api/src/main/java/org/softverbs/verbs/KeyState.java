package org.softverbs.verbs;

/// What a device knows of a key.
public enum KeyState {
    /// It is the key of something.
    IN_USE("in use"),
    /// Its upper 24 bits are those of something that has other lower bits now: the key of an
    /// earlier registration or binding.
    SUPERSEDED("of an earlier registration or binding"),
    /// It was the key of something that was deregistered.
    DEREGISTERED("of memory that was deregistered"),
    /// Nothing of this device has it, or it was too long ago.
    UNKNOWN("of nothing that this device remembers");

    private final String description;

    KeyState(String description) {
        this.description = description;
    }

    /// What it is in a sentence, behind "the key is".
    public String description() {
        return description;
    }
}
