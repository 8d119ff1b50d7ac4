package org.softverbs.conformance;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/// The test asserts what we do instead of what its rows say.
@Target(ElementType.METHOD)
@Retention(RetentionPolicy.RUNTIME)
public @interface Deviates {

    /// Why, for the report.
    String value();

    /// The kinds of devices that deviate; on the others the test asserts what the rows say.
    DeviceKind[] on() default {DeviceKind.RXE, DeviceKind.HCA};
}
