package org.softverbs.soft;

import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaCall.Predicates.target;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.assignableTo;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.properties.HasName.Predicates.name;
import static com.tngtech.archunit.core.domain.properties.HasName.Predicates.nameStartingWith;
import static com.tngtech.archunit.core.domain.properties.HasOwner.Predicates.With.owner;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.Architectures.layeredArchitecture;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.security.SecureRandom;
import java.util.HashMap;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.Random;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.locks.LockSupport;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.softverbs.soft.host.RandomSource;

/// The arrows of `docs/architecture.md`: dependencies point down only, and engines know nothing of
/// threads, clocks, sockets and chance.
class LayeringTest {

    private static final String ROOT = "org.softverbs.soft.";
    private static final String[] ENGINES = {
        ROOT + "roce..",
        ROOT + "qp..",
        ROOT + "cm..",
        ROOT + "memory..",
        ROOT + "packet..",
        ROOT + "profile..",
        ROOT + "wire.roce..",
        ROOT + "script.."
    };

    private static JavaClasses classes = new ClassFileImporter().importPackages("nothing.at.all");

    @BeforeAll
    static void readClasses() {
        classes =
                new ClassFileImporter()
                        .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
                        .importPackages("org.softverbs");
    }

    @Test
    void shouldHaveArrowsThatPointDownOnly() {
        layeredArchitecture()
                .consideringOnlyDependenciesInLayers()
                .layer("cli")
                .definedBy("org.softverbs.cli..")
                .layer("device")
                .definedBy(ROOT + "device..")
                .layer("roce")
                .definedBy(ROOT + "roce..")
                .layer("qp")
                .definedBy(ROOT + "qp..")
                .layer("queue")
                .definedBy(ROOT + "queue..")
                .layer("memory")
                .definedBy(ROOT + "memory..")
                .layer("netty")
                .definedBy(ROOT + "link.netty..")
                .layer("link")
                .definedBy(ROOT + "link")
                .layer("packet")
                .definedBy(ROOT + "packet..")
                .layer("explain")
                .definedBy(ROOT + "explain..")
                .layer("dma")
                .definedBy(ROOT + "dma..")
                .layer("pci")
                .definedBy(ROOT + "pci..")
                .layer("bounce")
                .definedBy(ROOT + "bounce..")
                .layer("iommu")
                .definedBy(ROOT + "iommu..")
                .layer("physical")
                .definedBy(ROOT + "physical..")
                .layer("wire")
                .definedBy(ROOT + "wire..")
                .layer("host")
                .definedBy(ROOT + "host..")
                .layer("collection")
                .definedBy(ROOT + "collection..")
                .layer("sanitize")
                .definedBy(ROOT + "sanitize..")
                .layer("script")
                .definedBy(ROOT + "script..")
                .layer("jfr")
                .definedBy(ROOT + "jfr..")
                .whereLayer("jfr")
                .mayOnlyBeAccessedByLayers("device", "roce", "qp", "memory", "sanitize")
                .layer("profile")
                .definedBy(ROOT + "profile..")
                .layer("cm")
                .definedBy(ROOT + "cm..")
                .layer("rdmacm")
                .definedBy(ROOT + "rdmacm..")
                .layer("trace")
                .definedBy(ROOT + "trace..")
                .layer("junit")
                .definedBy("org.softverbs.junit..")
                .layer("sim")
                .definedBy("org.softverbs.sim..")
                .whereLayer("sim")
                .mayOnlyBeAccessedByLayers("cli", "junit")
                .whereLayer("cm")
                .mayOnlyBeAccessedByLayers("rdmacm", "device", "sim")
                .whereLayer("rdmacm")
                .mayOnlyBeAccessedByLayers("device", "sim")
                .whereLayer("profile")
                .mayOnlyBeAccessedByLayers("device", "roce", "qp", "memory", "sim", "junit")
                .whereLayer("junit")
                .mayNotBeAccessedByAnyLayer()
                .whereLayer("sanitize")
                .mayOnlyBeAccessedByLayers("device", "dma", "host")
                .whereLayer("cli")
                .mayNotBeAccessedByAnyLayer()
                .whereLayer("device")
                .mayOnlyBeAccessedByLayers("explain", "sim", "junit")
                .whereLayer("script")
                .mayOnlyBeAccessedByLayers("cli", "sim")
                .whereLayer("roce")
                .mayOnlyBeAccessedByLayers("device", "script")
                .whereLayer("qp")
                .mayOnlyBeAccessedByLayers("device", "roce", "script")
                .whereLayer("queue")
                .mayOnlyBeAccessedByLayers("device", "roce", "qp", "script")
                .whereLayer("memory")
                .mayOnlyBeAccessedByLayers(
                        "device", "roce", "qp", "dma", "explain", "script", "sim")
                .whereLayer("netty")
                .mayOnlyBeAccessedByLayers("device")
                .whereLayer("link")
                .mayOnlyBeAccessedByLayers("device", "netty", "explain", "sim", "junit")
                .whereLayer("packet")
                .mayOnlyBeAccessedByLayers(
                        "device",
                        "roce",
                        "qp",
                        "queue",
                        "memory",
                        "link",
                        "netty",
                        "physical",
                        "bounce",
                        "dma",
                        "sanitize",
                        "explain",
                        "script",
                        "sim")
                .whereLayer("explain")
                .mayOnlyBeAccessedByLayers("cli")
                .whereLayer("dma")
                .mayOnlyBeAccessedByLayers("cli", "device", "explain", "junit", "sim")
                .whereLayer("pci")
                .mayOnlyBeAccessedByLayers("device", "dma", "explain", "host")
                .whereLayer("bounce")
                .mayOnlyBeAccessedByLayers("device", "dma", "explain", "host")
                .whereLayer("iommu")
                .mayOnlyBeAccessedByLayers("device", "dma", "explain", "host")
                .whereLayer("physical")
                .mayOnlyBeAccessedByLayers(
                        "device", "dma", "explain", "host", "pci", "bounce", "sanitize", "sim")
                .whereLayer("wire")
                .mayOnlyBeAccessedByLayers(
                        "cli", "device", "roce", "qp", "cm", "rdmacm", "packet", "link", "netty",
                        "script", "sim", "junit", "trace")
                .whereLayer("host")
                .mayOnlyBeAccessedByLayers(
                        "device", "memory", "link", "netty", "dma", "explain", "junit", "script",
                        "sim", "trace")
                .whereLayer("trace")
                .mayOnlyBeAccessedByLayers("cli", "device", "link", "script", "sim", "junit")
                .whereLayer("collection")
                .mayOnlyBeAccessedByLayers("device", "memory")
                .check(classes);
    }

    @Test
    void shouldKnowNettyInOnePackageOnly() {
        noClasses()
                .that()
                .resideOutsideOfPackage(ROOT + "link.netty..")
                .should()
                .dependOnClassesThat()
                .resideInAPackage("io.netty..")
                .check(classes);
    }

    @Test
    void shouldKeepClocksThreadsSocketsAndChanceOutOfEngines() {
        noClasses()
                .that()
                .resideInAnyPackage(ENGINES)
                .should()
                .callMethod(System.class, "nanoTime")
                .orShould()
                .callMethod(System.class, "currentTimeMillis")
                .orShould()
                .dependOnClassesThat()
                .belongToAnyOf(
                        Thread.class, Random.class, SecureRandom.class, ThreadLocalRandom.class)
                .orShould()
                .dependOnClassesThat()
                .resideInAnyPackage("java.nio.channels..", "java.util.concurrent..")
                .check(classes);
    }

    /// The same seed gives the same run in every JVM.
    @Test
    void shouldKeepChanceAndUnorderedMapsOutOfTheSimulator() {
        noClasses()
                .that()
                .resideInAPackage("org.softverbs.sim..")
                .should()
                .dependOnClassesThat()
                .belongToAnyOf(
                        HashMap.class,
                        HashSet.class,
                        IdentityHashMap.class,
                        ConcurrentHashMap.class,
                        Random.class,
                        SecureRandom.class,
                        ThreadLocalRandom.class)
                .orShould()
                .callMethod(System.class, "identityHashCode", Object.class)
                .orShould()
                .callMethod(System.class, "nanoTime")
                .check(classes);
    }

    /// The judge knows no code of the engines, but for traces, in which it notes what it does.
    @Test
    void shouldKeepEnginesOutOfTheModelOfReliableConnections() {
        noClasses()
                .that()
                .resideInAPackage("org.softverbs.sim.rc..")
                .should()
                .dependOnClassesThat(
                        resideInAPackage("org.softverbs.soft..")
                                .and(not(resideInAPackage(ROOT + "trace"))))
                .check(classes);
    }

    /// K4: numbers that a peer must not guess come from a seed in simulated hosts only.
    @Test
    void shouldSeedNoRealHost() {
        noClasses()
                .that()
                .resideOutsideOfPackages(
                        "org.softverbs.sim..",
                        "org.softverbs.junit..",
                        ROOT + "explain..",
                        ROOT + "script..")
                .should()
                .callMethod(RandomSource.class, "seeded", RandomGenerator.class)
                .check(classes);
    }

    /// Time of the engines is virtual: a test that waits for real time tests the machine.
    @Test
    void shouldNotSleepInTests() {
        JavaClasses tests =
                new ClassFileImporter()
                        .withImportOption(ImportOption.Predefined.ONLY_INCLUDE_TESTS)
                        .importPackages("org.softverbs");
        noClasses()
                .should()
                .callMethodWhere(target(name("sleep")))
                .orShould()
                .callMethodWhere(
                        target(owner(assignableTo(LockSupport.class)))
                                .and(target(nameStartingWith("park"))))
                .check(tests);
    }
}
