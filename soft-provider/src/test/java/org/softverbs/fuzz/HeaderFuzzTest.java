package org.softverbs.fuzz;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import org.junit.jupiter.api.Test;

/// Any datagram is a packet that is built again byte by byte, or is none; what a device drops it
/// counts and leaves everything as it was.
class HeaderFuzzTest {

    private final HeaderTarget target = new HeaderTarget();

    @Test
    void shouldHoldForCommittedInputs() throws IOException {
        Runs.committed(target, "header");
        assertThat(target.reached().points()).isGreaterThan(22);
    }

    @Test
    void shouldHoldForRandomDatagrams() {
        Runs.random(target, "header", Runs.seed(), Runs.EXECUTIONS);
        assertThat(target.reached().points()).isGreaterThan(70);
    }
}
