package org.softverbs.fuzz;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.util.Map;
import org.junit.jupiter.api.Test;

/// The committed inputs are what [SeedFiles] makes of the captures, and what was found.
class SeedFilesTest {

    private static final String FOUND = "found-";

    @Test
    void shouldHaveCommittedWhatTheCapturesGive() throws IOException {
        for (Map.Entry<String, Map<String, byte[]>> target : SeedFiles.all().entrySet()) {
            long committed =
                    Runs.files(Runs.folder(target.getKey())).stream()
                            .filter(it -> !String.valueOf(it.getFileName()).startsWith(FOUND))
                            .count();
            assertThat(committed).as(target.getKey()).isEqualTo(target.getValue().size());
            for (Map.Entry<String, byte[]> file : target.getValue().entrySet()) {
                assertThat(Files.readAllBytes(Runs.folder(target.getKey()).resolve(file.getKey())))
                        .as("%s/%s", target.getKey(), file.getKey())
                        .isEqualTo(file.getValue())
                        .hasSizeLessThanOrEqualTo(2048);
            }
        }
    }
}
