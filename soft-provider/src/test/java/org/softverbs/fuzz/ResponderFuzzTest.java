package org.softverbs.fuzz;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import org.junit.jupiter.api.Test;

/// A responder holds what it promises against any peer: only allowed bytes are read and written,
/// what is refused changes nothing, every receive comes back once.
class ResponderFuzzTest {

    private final ResponderTarget target = new ResponderTarget();

    @Test
    void shouldHoldForCommittedInputs() throws IOException {
        Runs.committed(target, "responder");
        assertThat(target.reached().points()).isGreaterThan(44);
    }

    @Test
    void shouldHoldForRandomRequests() {
        Runs.random(target, "responder", Runs.seed(), Runs.EXECUTIONS);
        assertThat(target.reached().points()).isGreaterThan(100);
    }
}
