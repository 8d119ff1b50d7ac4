package org.softverbs.junit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.platform.engine.discovery.DiscoverySelectors.selectMethod;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.platform.engine.TestExecutionResult;
import org.junit.platform.launcher.TestExecutionListener;
import org.junit.platform.launcher.TestIdentifier;
import org.junit.platform.launcher.core.LauncherDiscoveryRequestBuilder;
import org.junit.platform.launcher.core.LauncherFactory;
import org.softverbs.dma.DmaDirection;
import org.softverbs.dma.PhysicalAllocation;
import org.softverbs.dma.PhysicalMemoryRequest;
import org.softverbs.sanitizer.Finding;
import org.softverbs.sim.World;
import org.softverbs.soft.host.JvmOptions;

/// What a test with a [Fabric] says when it fails, and what makes it fail at its end.
class FabricFailureTest {

    private static final String PROPERTY = "softverbs.seed";

    /// Tests that fail, but for the last two.
    @Fabric(seed = 4711)
    static class Cases {

        @Test
        void fails(FabricNodes fabric) {
            for (int i = 0; i < 20; i++) {
                FabricTest.write(fabric.connect(1, 2), 64);
            }
            assertThat("what is").isEqualTo("what should be");
        }

        @Test
        @Fabric(clock = FabricClock.REAL, seed = 12)
        void failsByTheRealClock(FabricNodes fabric) {
            FabricTest.write(fabric.connect(1, 2), 64);
            throw new IllegalStateException("at seed " + fabric.seed());
        }

        @Test
        void waitsInVain(FabricNodes fabric) {
            fabric.connect(1, 2);
            fabric.await(() -> false);
        }

        @Test
        void waitsForACompletion(FabricNodes fabric) {
            fabric.connect(1, 2).second().awaitCompletion();
        }

        @Test
        @Fabric(privileged = true)
        void leavesMapped(FabricNodes fabric) {
            PhysicalAllocation pages =
                    fabric.privilegedNode(2)
                            .physicalMemory()
                            .allocate(PhysicalMemoryRequest.contiguous(4096));
            fabric.privilegedNode(2).dma().map(pages, DmaDirection.TO_DEVICE);
        }

        @Test
        void leavesOpen(FabricNodes fabric) {
            fabric.node(1).allocateProtectionDomain();
        }

        @Test
        @Fabric(clock = FabricClock.REAL)
        void leavesOpenByTheRealClock(FabricNodes fabric) {
            fabric.node(1).allocateProtectionDomain();
        }

        @Test
        @Fabric(faults = "LOSS n1>n2 #1 x1000", watchdogMillis = 100)
        void isStuck(FabricNodes fabric) {
            FabricTest.write(fabric.connect(1, 2), 64);
        }

        @Test
        void usesAKernelDevice(FabricNodes fabric) {
            fabric.privilegedNode(1);
        }

        @Test
        @Fabric(clock = FabricClock.REAL)
        void asksForAWorld(World world) {
            world.clock();
        }

        @Test
        void tellsItsProfile(FabricNodes fabric) {
            throw new IllegalStateException(
                    "profile " + fabric.node(1).queryExtendedDevice().profile());
        }

        @Test
        @Fabric(profile = "rxe")
        void hasAProfile(FabricNodes fabric) {
            throw new IllegalStateException(
                    "profile " + fabric.node(1).queryExtendedDevice().profile());
        }

        @Test
        void isLeftOut(FabricNodes fabric) {
            Assumptions.assumeTrue(fabric.size() > 2);
        }

        @Test
        void passes(FabricNodes fabric) {
            FabricTest.write(fabric.connect(1, 2), 64);
        }
    }

    /// What fails before the test.
    @Fabric
    static class Prepared {

        @BeforeEach
        void prepare(FabricNodes fabric) {
            throw new IllegalStateException("with " + fabric.size());
        }

        @Test
        void never() {}
    }

    /// Attributes with values that are none.
    static class Wrong {

        @Test
        @Fabric(nodes = 0)
        void noNodes(FabricNodes fabric) {}

        @Test
        @Fabric(nodes = 65)
        void manyNodes(FabricNodes fabric) {}

        @Test
        @Fabric(mtu = 300)
        void smallMtu(FabricNodes fabric) {}

        @Test
        @Fabric(latencyNanos = -2)
        void negativeLatency(FabricNodes fabric) {}

        @Test
        @Fabric(watchdogMillis = -1)
        void negativeWatchdog(FabricNodes fabric) {}

        @Test
        @Fabric(profile = "mlx6")
        void unknownProfile(FabricNodes fabric) {}

        @Test
        @Fabric(profile = "mlx5,EARLY_SENDS_KEPT")
        void contraryProfile(FabricNodes fabric) {}

        @Test
        @Fabric(faults = "LOSE n1>n2 #1")
        void unknownFault(FabricNodes fabric) {}

        @Test
        @Fabric(faults = "LOSS n1>n3 #1")
        void unknownNode(FabricNodes fabric) {}

        @Test
        @Fabric(faults = "PAUSE n1 #1 =5")
        void nodeFault(FabricNodes fabric) {}

        @Test
        @Fabric(rates = "LOSS")
        void rateWithoutPart(FabricNodes fabric) {}

        @Test
        @Fabric(rates = "LOSS=1.5")
        void largeRate(FabricNodes fabric) {}

        @Test
        @Fabric(rates = "LOSS=much")
        void noRate(FabricNodes fabric) {}

        @Test
        @Fabric(rates = "GAIN=0.1")
        void unknownRate(FabricNodes fabric) {}

        @Test
        @Fabric(rates = "RESTART=0.1")
        void nodeRate(FabricNodes fabric) {}

        @Test
        @Fabric(rates = {"LOSS=0.1", "LOSS=0.2"})
        void rateTwice(FabricNodes fabric) {}

        @Test
        @Fabric(clock = FabricClock.REAL, rates = "BURST=0.1")
        void realBurst(FabricNodes fabric) {}

        @Test
        @Fabric(clock = FabricClock.REAL, latencyNanos = 5)
        void realLatency(FabricNodes fabric) {}

        @Test
        @Fabric(clock = FabricClock.REAL, faults = "LOSS n1>n2 #1")
        void realFaults(FabricNodes fabric) {}
    }

    /// Runs a test.
    ///
    /// @return what it failed by, empty when it did not
    private static String run(Class<?> type, String method) {
        List<TestExecutionResult> results = new ArrayList<>();
        TestExecutionListener listener =
                new TestExecutionListener() {
                    @Override
                    public void executionFinished(TestIdentifier test, TestExecutionResult result) {
                        if (test.isTest()) {
                            results.add(result);
                        }
                    }
                };
        String parameters =
                method.equals("never")
                        ? ""
                        : method.equals("asksForAWorld")
                                ? World.class.getName()
                                : FabricNodes.class.getName();
        LauncherFactory.create()
                .execute(
                        LauncherDiscoveryRequestBuilder.request()
                                .selectors(selectMethod(type.getName(), method, parameters))
                                .configurationParameter(
                                        "junit.jupiter.extensions.autodetection.enabled", "false")
                                .build(),
                        listener);
        assertThat(results).hasSize(1);
        return results.getFirst().getThrowable().map(Throwable::getMessage).orElse("");
    }

    private static long devicesThreads() {
        return Thread.getAllStackTraces().keySet().stream()
                .filter(it -> it.getName().equals("softverbs-device") && it.isAlive())
                .count();
    }

    @Test
    void shouldSayTheSeedAndDrawTheLastLines() {
        String message = run(Cases.class, "fails");
        assertThat(message)
                .contains("what should be")
                .contains("seed 4711; run it again with -Dsoftverbs.seed=4711")
                .contains("lines before these)")
                .contains("WRITE_ONLY psn 1000 of 64 +64 A", "done 1 SUCCESS");
        assertThat(message.lines().filter(line -> line.matches(" *\\d+\\.\\d{3} .*")))
                .hasSize(FabricNodes.LADDER_LINES);
    }

    @Test
    void shouldSayTheSeedByTheRealClockToo() {
        assertThat(run(Cases.class, "failsByTheRealClock"))
                .contains("at seed 12")
                .endsWith("seed 12; run it again with -Dsoftverbs.seed=12");
    }

    @Test
    void shouldTakeTheSeedOfTheSystemProperty() {
        System.setProperty(PROPERTY, "-5");
        try {
            assertThat(run(Cases.class, "failsByTheRealClock")).contains("at seed -5");
        } finally {
            System.clearProperty(PROPERTY);
        }
    }

    @Test
    void shouldTakeTheProfileOfTheSystemPropertyWhenNoneIsSaid() {
        System.setProperty(JvmOptions.PROFILE, "mlx4");
        try {
            assertThat(run(Cases.class, "tellsItsProfile")).contains("profile mlx4");
            assertThat(run(Cases.class, "hasAProfile")).contains("profile rxe");
            System.setProperty(JvmOptions.PROFILE, "mlx");
            assertThat(run(Cases.class, "passes"))
                    .contains("the system property softverbs.profile: 'mlx' is neither");
        } finally {
            System.clearProperty(JvmOptions.PROFILE);
        }
    }

    @Test
    void shouldRefuseASeedThatIsNoNumber() {
        System.setProperty(PROPERTY, "lucky");
        try {
            assertThat(run(Cases.class, "passes"))
                    .contains("the system property softverbs.seed 'lucky' is no 64-bit number");
        } finally {
            System.clearProperty(PROPERTY);
        }
    }

    @Test
    void shouldSayWhatConnectionsWaitForWhenAWaitIsInVain() {
        assertThat(run(Cases.class, "waitsInVain"))
                .contains("waited in vain for the condition", "node 1: queue pair", "in RTS");
        assertThat(run(Cases.class, "waitsForACompletion"))
                .contains("waited in vain for 1 completions at node 2");
    }

    @Test
    @Provokes(value = Finding.LEFT_MAPPED, because = "it is to be found")
    void shouldFailByWhatIsLeftMapped() {
        assertThat(run(Cases.class, "leavesMapped")).contains("node 2: ", "seed 1;");
    }

    @Test
    void shouldFailByWhatTheTestLeavesOpen() {
        assertThat(run(Cases.class, "leavesOpen"))
                .contains("left open: closeDevice: 1 still open: protection domain");
    }

    @Test
    void shouldEndItsThreadsWhateverIsLeftOpen() {
        long before = devicesThreads();
        assertThat(run(Cases.class, "leavesOpenByTheRealClock")).contains("left open");
        long end = System.nanoTime() + 30_000_000_000L;
        while (devicesThreads() > before) {
            assertThat(System.nanoTime()).isLessThan(end);
            Thread.onSpinWait();
        }
    }

    @Test
    @Provokes(stuck = true, because = "the watchdog is to find it")
    void shouldFailByWhatTheWatchdogFinds() {
        assertThat(run(Cases.class, "isStuck"))
                .contains("node 1: a queue pair made no progress for 100 ms");
    }

    @Test
    void shouldFailByAMistakeOfTheTest() {
        assertThat(run(Cases.class, "usesAKernelDevice")).contains("@Fabric(privileged = true)");
        assertThat(run(Cases.class, "asksForAWorld")).contains("@Fabric(clock = VIRTUAL) only");
    }

    @Test
    void shouldSayTheSeedWhenThePreparationFails() {
        assertThat(run(Prepared.class, "never")).contains("with 2", "seed 1; run it again");
    }

    @Test
    void shouldLeaveOtherOutcomesAlone() {
        assertThat(run(Cases.class, "passes")).isEmpty();
        assertThat(run(Cases.class, "isLeftOut")).startsWith("Assumption failed");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "noNodes          | nodes 0 is not within 1 and 64",
                "manyNodes        | nodes 65 is not within 1 and 64",
                "smallMtu         | mtu 300 is not within 336 and 9000",
                "negativeLatency  | latencyNanos -2 is not within -1 and 1000000000",
                "negativeWatchdog | watchdogMillis -1 is not within 0 and 2147483647",
                "unknownProfile   | profile: \"mlx6\" is neither a profile, one of standard, mlx5,",
                "contraryProfile  | profile: EARLY_SENDS_DROPPED and EARLY_SENDS_KEPT contradict",
                "unknownFault     | faults: \"LOSE n1>n2 #1\": \"LOSE\" is no FaultKind",
                "unknownNode      | faults: \"LOSS n1>n3 #1\": there are 2 nodes",
                "nodeFault        | faults: \"PAUSE n1 #1 =5\": PAUSE befalls no packets",
                "rateWithoutPart  | rates: \"LOSS\" is not KIND=PART",
                "largeRate        | rates: \"LOSS=1.5\": 1.5 is not within 0 and 1",
                "noRate           | rates: \"LOSS=much\": \"much\" is no number",
                "unknownRate      | rates: \"GAIN=0.1\": \"GAIN\" is no FaultKind",
                "nodeRate         | rates: \"RESTART=0.1\": RESTART befalls no packets",
                "rateTwice        | rates: LOSS stands there twice",
                "realBurst        | rates: BURST needs clock = VIRTUAL",
                "realLatency      | latencyNanos needs clock = VIRTUAL",
                "realFaults       | faults needs clock = VIRTUAL"
            })
    void shouldRefuseWrongValues(String method, String sentence) {
        assertThat(run(Wrong.class, method)).contains("@Fabric: " + sentence.replace('"', '\''));
    }
}
