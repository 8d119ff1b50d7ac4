package org.softverbs.soft.script;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/// Runs every packet script of the project, and looks whether they say what they are about.
class ProjectScriptsTest {

    private static final int FEWEST = 120;
    private static final Pattern NAME = Pattern.compile("[a-z0-9]+(-[a-z0-9]+)*\\.rpkt");
    private static final List<String> FOLDERS =
            List.of("requester", "responder", "completer", "retry", "state", "memory", "local");

    @TestFactory
    Stream<DynamicTest> shouldHold() {
        return Scripts.all().stream()
                .map(
                        file ->
                                DynamicTest.dynamicTest(
                                        Scripts.name(file),
                                        () ->
                                                assertThat(RpktRunner.run(Scripts.script(file)))
                                                        .isEqualTo(new RpktOutcome.Passed())));
    }

    /// What happened in each, written down by the writer, is a script that holds as well.
    @TestFactory
    Stream<DynamicTest> shouldHoldWhenWrittenAnew() {
        return Scripts.all().stream()
                .map(
                        file ->
                                DynamicTest.dynamicTest(
                                        Scripts.name(file),
                                        () -> {
                                            RpktScript script = Scripts.script(file);
                                            RpktWriter writer = new RpktWriter(script.sentence());
                                            RpktRunner.run(script, writer);
                                            assertThat(Scripts.complaint(writer.text()))
                                                    .as(writer.text())
                                                    .isEmpty();
                                        }));
    }

    @Test
    void shouldBeEnough() {
        assertThat(Scripts.all()).hasSizeGreaterThanOrEqualTo(FEWEST);
        for (String folder : FOLDERS) {
            assertThat(Scripts.all())
                    .as(folder)
                    .filteredOn(file -> file.startsWith(Scripts.ROOT.resolve("rc").resolve(folder)))
                    .hasSizeGreaterThan(10);
        }
        assertThat(Scripts.all())
                .filteredOn(file -> file.startsWith(Scripts.ROOT.resolve("xrc")))
                .hasSizeGreaterThanOrEqualTo(12);
    }

    @Test
    void shouldSayEachInASentenceOfItsOwnWhatItIsAbout() {
        List<String> sentences =
                Scripts.all().stream().map(file -> Scripts.script(file).sentence()).toList();
        assertThat(sentences).allMatch(sentence -> sentence.matches("[A-Z].{14,}\\."));
        assertThat(sentences).doesNotHaveDuplicates();
    }

    @Test
    void shouldHaveNamesInKebabCase() {
        assertThat(Scripts.all())
                .allMatch(file -> NAME.matcher(String.valueOf(file.getFileName())).matches());
        assertThat(Scripts.all().stream().map(Path::getFileName)).doesNotHaveDuplicates();
    }

    /// Two scripts with the same statements would be one too many.
    @Test
    void shouldDoDifferentThings() {
        List<String> contents =
                Scripts.all().stream()
                        .map(Scripts::text)
                        .map(text -> text.replaceAll("(?m)^#.*$", "").replaceAll("\\s+", " "))
                        .toList();
        assertThat(contents).doesNotHaveDuplicates();
    }

    /// A script that expects nothing cannot fail.
    @Test
    void shouldExpectSomethingOfTheEngine() {
        for (Path file : Scripts.all()) {
            assertThat(Scripts.text(file).lines())
                    .as(Scripts.name(file))
                    .anyMatch(line -> line.strip().matches("(>|=|sent|event|nothing|refused).*"));
        }
    }
}
