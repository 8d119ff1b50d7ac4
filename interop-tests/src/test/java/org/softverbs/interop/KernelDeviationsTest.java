package org.softverbs.interop;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class KernelDeviationsTest {

    private static final int SENTENCE = 20;

    @ParameterizedTest
    @EnumSource
    void shouldSayWhyAndWhereItShows(KernelDeviations deviation) {
        assertThat(deviation.reason()).hasSizeGreaterThan(SENTENCE);
        assertThat(deviation.shows())
                .as("place in the kernel, then what one sees there")
                .matches("[a-z_]+(\\.c)?[^:]*: .{20,}");
    }

    @Test
    void shouldNotRepeatItself() {
        assertThat(Stream.of(KernelDeviations.values()).map(KernelDeviations::reason))
                .doesNotHaveDuplicates();
    }
}
