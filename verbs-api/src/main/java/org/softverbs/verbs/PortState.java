package org.softverbs.verbs;

/// The state of a port.
///
/// Verbs name: `ibv_port_state`; [#number()] is the C value.
public enum PortState {
    NOP,
    DOWN,
    INIT,
    ARMED,
    ACTIVE;

    public int number() {
        return ordinal();
    }
}
