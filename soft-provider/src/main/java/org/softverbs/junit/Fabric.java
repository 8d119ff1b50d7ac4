package org.softverbs.junit;

import java.lang.annotation.ElementType;
import java.lang.annotation.Inherited;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.api.extension.ExtendWith;
import org.softverbs.dma.DmaAddressing;

/// Gives each test a fabric of nodes, as a parameter of type [FabricNodes]; with the virtual clock
/// also its [org.softverbs.sim.World]. Each node has one device on a network inside this JVM.
///
/// On a method it says what that test's fabric is like, on a class what those of all tests are like
/// that say nothing themselves, also of those in `@Nested` classes. It is of one test: neither
/// `@BeforeAll` nor the constructor of a class with `PER_CLASS` can have it.
///
/// A test that fails says its seed, which the system property `softverbs.seed` sets for another
/// run, and with the virtual clock draws the last [FabricNodes#LADDER_LINES] lines of what happened
/// as a ladder. A test that does not fail by itself fails at its end when a sanitizer has reports,
/// also of what is left mapped then, when an engine had a fault of its own, when a watchdog found
/// something, or when something is left open that the test opened. What the fabric made is closed
/// at the end whatever happened.
@Inherited
@Target({ElementType.TYPE, ElementType.METHOD})
@Retention(RetentionPolicy.RUNTIME)
@ExtendWith(FabricExtension.class)
public @interface Fabric {

    /// How many nodes, from 1 to 64.
    int nodes() default 2;

    /// Where all that is random starts from: queue pair numbers, keys, faults by rate.
    long seed() default 1;

    /// Whose time it runs by.
    FabricClock clock() default FabricClock.VIRTUAL;

    /// Single faults of packets, as [org.softverbs.sim.Fault] reads them: `LOSS n1>n2
    /// RC_WRITE_MIDDLE #2`. For the virtual clock.
    String[] faults() default {};

    /// How often packets meet a fault, as `LOSS=0.1`: a [org.softverbs.sim.FaultKind] of packets
    /// and a part from 0 to 1. The real clock knows LOSS, DUPLICATE, REORDER, CORRUPT and DELAY.
    String[] rates() default {};

    /// How long a packet takes from node to node, beside the time to send it. For the virtual
    /// clock; -1 is 2 microseconds, and with the real clock no time at all.
    long latencyNanos() default -1;

    /// The MTU of each interface in bytes, from 336 to 9000; connections use the largest path MTU
    /// with room in it.
    int mtu() default 9000;

    /// Which adapter the devices behave like where adapters differ, and in what else, as
    /// [org.softverbs.soft.profile.DeviceProfile#parse] reads it: `mlx5`, `mlx5,IPV6_ABSENT`. When
    /// it is empty the system property `softverbs.profile` says it, else they deviate in nothing.
    String profile() default "";

    /// What queue pairs [FabricNodes#connect] makes.
    FabricTransport transport() default FabricTransport.RC;

    /// Whether devices are those of kernel code, with physical memory and DMA mappings.
    boolean privileged() default false;

    /// What addresses a privileged device is given; for `IOVA` it is an adapter behind an IOMMU.
    DmaAddressing addressing() default DmaAddressing.IOVA;

    /// Whether each node has a sanitizer.
    boolean sanitizer() default true;

    /// Whether the test looks at the sanitizers' reports itself; they do not fail it then.
    boolean reportsExpected() default false;

    /// How many milliseconds a queue pair may wait without progress before the watchdog of its
    /// device tells, and the test fails at its end; 0 is for no watchdog. A watchdog looks when its
    /// device does something.
    long watchdogMillis() default 0;
}
