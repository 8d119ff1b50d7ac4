package org.softverbs.fuzz;

import java.util.List;

/// The targets by their names.
final class Targets {

    static final List<String> NAMES = List.of("header", "responder", "requester");

    private Targets() {}

    static Target of(String name) {
        return switch (name) {
            case "header" -> new HeaderTarget();
            case "responder" -> new ResponderTarget();
            case "requester" -> new RequesterTarget();
            default -> throw new IllegalArgumentException("no target is called " + name);
        };
    }
}
