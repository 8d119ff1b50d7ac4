package org.softverbs.soft.script;

/// How the run of a script ended.
public sealed interface RpktOutcome {

    /// Everything came as the script says, and nothing else did.
    record Passed() implements RpktOutcome {}

    /// Something came otherwise.
    ///
    /// @param line of the statement that did not hold; the last one when too much came
    /// @param message script, line, what was expected and what came, in the form of scripts
    record Failed(int line, String message) implements RpktOutcome {}
}
