package org.softverbs.junit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.platform.engine.discovery.DiscoverySelectors.selectMethod;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.platform.engine.TestExecutionResult;
import org.junit.platform.launcher.TestExecutionListener;
import org.junit.platform.launcher.TestIdentifier;
import org.junit.platform.launcher.core.LauncherDiscoveryRequestBuilder;
import org.junit.platform.launcher.core.LauncherFactory;
import org.softverbs.dma.DmaAddressing;
import org.softverbs.dma.DmaDirection;
import org.softverbs.dma.RawDma;
import org.softverbs.sanitizer.Finding;
import org.softverbs.soft.dma.DmaAttachment;
import org.softverbs.soft.dma.DmaSettings;
import org.softverbs.soft.host.Host;
import org.softverbs.soft.host.JvmOptions;
import org.softverbs.soft.host.RandomSource;
import org.softverbs.verbs.RdmaDevices;

/// What a suite with [SuiteWatch] fails by, run inside a test.
@Provokes(value = Finding.INVALID_ADDRESS, because = "a suite is to fail", perhaps = true)
class SuiteWatchTest {

    private final List<String> before = new ArrayList<>();

    /// Tests of a suite.
    @ExtendWith(SuiteWatch.class)
    static class Cases {

        @Test
        void opens() {
            RdmaDevices.open("rxe@127.4.31.1").close();
        }

        @Test
        void isReported() {
            mistake();
        }

        @Test
        @Provokes(value = Finding.INVALID_ADDRESS, because = "it announces it")
        void announces() {
            mistake();
        }

        @Test
        @Provokes(value = Finding.LEFT_MAPPED, because = "it announces another")
        void announcesAnother() {
            mistake();
        }

        @Test
        @Provokes(value = Finding.INVALID_ADDRESS, because = "it announces too much")
        void announcesInVain() {}

        private static void mistake() {
            Host host = new Host(() -> 0, RandomSource.seeded(new SplittableRandom(1)));
            DmaAttachment.of(DmaSettings.of(DmaAddressing.IOVA).withIommu(true), host)
                    .device()
                    .raw()
                    .unmapPage(RawDma.MAPPING_ERROR, 1, DmaDirection.TO_DEVICE);
        }
    }

    @BeforeEach
    void switchOn() {
        before.add(System.getProperty(JvmOptions.SANITIZER, ""));
        before.add(System.getProperty(JvmOptions.WATCHDOG, ""));
        set(JvmOptions.SANITIZER, "on");
        set(JvmOptions.WATCHDOG, "5");
    }

    @AfterEach
    void restore() {
        set(JvmOptions.SANITIZER, before.getFirst());
        set(JvmOptions.WATCHDOG, before.getLast());
    }

    private static void set(String property, String value) {
        if (value.isEmpty()) {
            System.clearProperty(property);
        } else {
            System.setProperty(property, value);
        }
    }

    /// Runs some of the tests as a suite.
    ///
    /// @return what the suite failed by, empty when it did not
    private static String run(String... methods) {
        List<String> failures = new ArrayList<>();
        TestExecutionListener listener =
                new TestExecutionListener() {
                    @Override
                    public void executionFinished(TestIdentifier test, TestExecutionResult result) {
                        result.getThrowable().ifPresent(it -> failures.add(it.getMessage()));
                    }
                };
        LauncherFactory.create()
                .execute(
                        LauncherDiscoveryRequestBuilder.request()
                                .selectors(
                                        Arrays.stream(methods)
                                                .map(it -> selectMethod(Cases.class, it))
                                                .toList())
                                .configurationParameter(
                                        "junit.jupiter.extensions.autodetection.enabled", "false")
                                .build(),
                        listener);
        return String.join("\n", failures);
    }

    @Test
    void shouldPassWhenEveryReportWasAnnounced() {
        assertThat(run("opens", "announces")).isEmpty();
    }

    @Test
    void shouldFailByAReportThatNobodyAnnounced() {
        assertThat(run("opens", "isReported"))
                .contains("2 tests opened 1 devices: 1 reports of the sanitizer, 0 queue pairs")
                .contains("Cases isReported(): 1 INVALID_ADDRESS");
        assertThat(run("opens", "announcesAnother")).contains("Cases announcesAnother(): 1 INVAL");
    }

    @Test
    void shouldFailWhenNothingIsFoundOfWhatWasAnnounced() {
        assertThat(run("opens", "announcesInVain"))
                .contains("did not find what is provoked by [Cases announcesInVain()]");
    }

    @Test
    void shouldFailWhenNoDeviceWasOpened() {
        assertThat(run("announces")).contains("no device was opened");
    }

    @Test
    void shouldDoNothingUnlessItIsSwitchedOn() {
        set(JvmOptions.SANITIZER, "");
        set(JvmOptions.WATCHDOG, "");
        assertThat(run("announcesInVain")).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({
        "softverbs.sanitizer, yes",
        "softverbs.watchdog, soon",
        "softverbs.watchdog, 0",
        "softverbs.watchdog, -1"
    })
    void shouldRefuseASystemPropertyWithGarbage(String property, String value) {
        set(property, value);
        assertThatThrownBy(() -> RdmaDevices.open("rxe@127.4.31.2"))
                .hasMessageContaining("system property " + property)
                .hasMessageContaining(value);
        restore();
        // Nothing was left open.
        RdmaDevices.open("rxe@127.4.31.2").close();
    }
}
