package org.softverbs.junit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.platform.engine.discovery.DiscoverySelectors.selectClass;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.junit.platform.engine.TestExecutionResult;
import org.junit.platform.launcher.TestExecutionListener;
import org.junit.platform.launcher.TestIdentifier;
import org.junit.platform.launcher.core.LauncherDiscoveryRequestBuilder;
import org.junit.platform.launcher.core.LauncherFactory;
import org.softverbs.dma.DmaAddressing;
import org.softverbs.dma.DmaDevice;
import org.softverbs.soft.host.Host;

/// How far a [Fabric] and [SoftVerbs] reach: over nested classes, and not over a test's end.
@Fabric(nodes = 3)
@SoftVerbs(addressing = DmaAddressing.PHYSICAL)
class ScopeTest {

    @Nested
    class Inner {

        private int prepared;

        @BeforeEach
        void prepare(FabricNodes fabric) {
            prepared = fabric.size();
        }

        @Test
        void shouldTakeWhatTheOuterClassSays(FabricNodes fabric, DmaDevice dma) {
            assertThat(fabric.size()).isEqualTo(3).isEqualTo(prepared);
            assertThat(dma.addressing()).isEqualTo(DmaAddressing.PHYSICAL);
        }

        @Nested
        class Deeper {

            @Test
            void shouldTakeWhatTheOutermostClassSays(FabricNodes fabric) {
                assertThat(fabric.size()).isEqualTo(3);
            }

            @ParameterizedTest
            @ValueSource(ints = {1, 2})
            @Fabric(nodes = 5)
            void shouldTakeWhatItSaysItself(int round, FabricNodes fabric) {
                assertThat(fabric.size()).isEqualTo(5);
                assertThat(round).isPositive();
            }
        }
    }

    @Nested
    @Fabric(nodes = 4)
    class Other {

        @Test
        void shouldTakeWhatTheNearestClassSays(FabricNodes fabric) {
            assertThat(fabric.size()).isEqualTo(4);
        }
    }

    /// Wants its fabric too early.
    @Fabric
    static class BeforeAllTests {

        @BeforeAll
        static void prepare(FabricNodes fabric) {
            assertThat(fabric).as("what it was given").isNull();
        }

        @Test
        void never() {}
    }

    /// Wants it for all tests.
    @Fabric
    @TestInstance(TestInstance.Lifecycle.PER_CLASS)
    static class ForAllTests {

        ForAllTests(FabricNodes fabric) {
            assertThat(fabric).as("what it was given").isNull();
        }

        @Test
        void never() {}
    }

    /// Wants its host too early.
    @SoftVerbs
    static class HostBeforeAllTests {

        @BeforeAll
        static void prepare(Host host) {
            assertThat(host).as("what it was given").isNull();
        }

        @Test
        void never() {}
    }

    private static List<String> failures(Class<?> type) {
        List<String> failures = new ArrayList<>();
        TestExecutionListener listener =
                new TestExecutionListener() {
                    @Override
                    public void executionFinished(TestIdentifier test, TestExecutionResult result) {
                        result.getThrowable()
                                .ifPresent(it -> failures.add(String.valueOf(it.getMessage())));
                    }
                };
        LauncherFactory.create()
                .execute(
                        LauncherDiscoveryRequestBuilder.request()
                                .selectors(selectClass(type))
                                .configurationParameter(
                                        "junit.jupiter.extensions.autodetection.enabled", "false")
                                .build(),
                        listener);
        return failures;
    }

    @ParameterizedTest
    @ValueSource(classes = {BeforeAllTests.class, ForAllTests.class, HostBeforeAllTests.class})
    void shouldRefuseWhatWouldOutliveATest(Class<?> type) {
        assertThat(failures(type))
                .singleElement()
                .asString()
                .contains("is of one test", "@BeforeAll", "PER_CLASS");
    }
}
