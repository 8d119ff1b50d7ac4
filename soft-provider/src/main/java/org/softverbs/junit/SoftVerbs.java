package org.softverbs.junit;

import java.lang.annotation.ElementType;
import java.lang.annotation.Inherited;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.api.extension.ExtendWith;
import org.softverbs.dma.DmaAddressing;
import org.softverbs.soft.dma.BouncePolicy;

/// Gives each test a [org.softverbs.soft.host.Host] with the sanitizer on, as a parameter, and with
/// it a [org.softverbs.soft.dma.DmaAttachment], [org.softverbs.dma.DmaDevice],
/// [org.softverbs.dma.RawDma], [org.softverbs.dma.PhysicalMemory] or
/// [org.softverbs.sanitizer.Sanitizer]. What the sanitizer reports fails the test at its end, also
/// what is left mapped then.
///
/// On a method it says how that test's device is attached, on a class how those of all tests are,
/// also of those in `@Nested` classes. They are of one test: neither `@BeforeAll` nor the
/// constructor of a class with `PER_CLASS` can have them.
@Inherited
@Target({ElementType.TYPE, ElementType.METHOD})
@Retention(RetentionPolicy.RUNTIME)
@ExtendWith(SoftVerbsExtension.class)
public @interface SoftVerbs {

    /// What addresses the device is given: for `IOVA` it is an adapter on the bus.
    DmaAddressing addressing() default DmaAddressing.IOVA;

    /// Whether an adapter stands behind an IOMMU.
    boolean iommu() default true;

    /// When an adapter's memory is bounced.
    BouncePolicy bouncing() default BouncePolicy.WHERE_NEEDED;

    /// How many address bits an adapter sends out.
    int maskBits() default Long.SIZE;

    /// The smallest page of the IOMMU.
    long granule() default 4096;

    /// Whether the test looks at the reports itself, as a test of what is found does; they do not
    /// fail it then.
    boolean reportsExpected() default false;
}
