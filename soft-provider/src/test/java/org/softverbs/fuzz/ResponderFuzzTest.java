package org.softverbs.fuzz;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/// A responder holds what it promises against any peer: only allowed bytes are read and written,
/// what is refused changes nothing, every receive comes back once.
class ResponderFuzzTest {

    private final ResponderTarget target = new ResponderTarget();

    @Test
    void shouldHoldForRandomRequests() {
        Runs.random(
                target,
                "responder",
                Long.getLong("softverbs.fuzz.seed", System.nanoTime()),
                Long.getLong("softverbs.fuzz.executions", 20_000));
        assertThat(target.reached().points()).isGreaterThan(10);
    }
}
