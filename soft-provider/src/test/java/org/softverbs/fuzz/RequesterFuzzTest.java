package org.softverbs.fuzz;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import org.junit.jupiter.api.Test;

/// A requester holds what it promises against any peer: data lies where an open request wants
/// it and nowhere else, each request ends once and in order, and in the end everything has ended.
class RequesterFuzzTest {

    private final RequesterTarget target = new RequesterTarget();

    @Test
    void shouldHoldForCommittedInputs() throws IOException {
        Runs.committed(target, "requester");
        assertThat(target.reached().points()).isGreaterThan(28);
    }

    @Test
    void shouldHoldForRandomAnswers() {
        Runs.random(target, "requester", Runs.seed(), Runs.EXECUTIONS);
        assertThat(target.reached().points()).isGreaterThan(150);
    }
}
