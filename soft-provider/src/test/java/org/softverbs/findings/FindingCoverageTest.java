package org.softverbs.findings;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.reflect.Method;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.softverbs.sanitizer.Finding;

/// Each finding has a program that is wrong, and its twin that is right.
class FindingCoverageTest {

    private static final List<String> TESTS =
            Stream.of(
                            UnmapFindingsTest.class,
                            SyncFindingsTest.class,
                            MapFindingsTest.class,
                            BounceFindingsTest.class,
                            DeviceFindingsTest.class,
                            VerbsFindingsTest.class,
                            RequestFindingsTest.class,
                            SendBufferFindingsTest.class)
                    .flatMap(it -> Arrays.stream(it.getDeclaredMethods()))
                    .map(Method::getName)
                    .toList();

    @ParameterizedTest
    @EnumSource(Finding.class)
    void shouldHaveAWrongProgramAndItsTwin(Finding finding) {
        String name =
                Arrays.stream(finding.name().split("_"))
                        .map(word -> word.charAt(0) + word.substring(1).toLowerCase(Locale.ROOT))
                        .collect(Collectors.joining());
        assertThat(TESTS).contains("shouldNotReport" + name);
        // There is no end to the entries, so that no program can use them up.
        if (finding != Finding.OUT_OF_ENTRIES) {
            assertThat(TESTS).contains("shouldReport" + name);
        }
        assertThat(finding.number()).isEqualTo(finding.ordinal() + 1);
    }
}
