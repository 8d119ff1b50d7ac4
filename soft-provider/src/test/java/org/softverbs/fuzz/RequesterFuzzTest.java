package org.softverbs.fuzz;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/// A requester holds what it promises against any peer: only allowed bytes are read and written,
/// what is refused changes nothing, every receive comes back once.
class RequesterFuzzTest {

    private final RequesterTarget target = new RequesterTarget();

    @Test
    void shouldHoldForRandomAnswers() {
        Runs.random(
                target,
                "requester",
                Long.getLong("softverbs.fuzz.seed", System.nanoTime()),
                Long.getLong("softverbs.fuzz.executions", 20_000));
        assertThat(target.reached().points()).isGreaterThan(10);
    }
}
