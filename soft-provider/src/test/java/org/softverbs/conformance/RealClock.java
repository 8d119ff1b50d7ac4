package org.softverbs.conformance;

import java.lang.annotation.ElementType;
import java.lang.annotation.Inherited;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/// The devices of these tests have a thread and the clock of this machine: for rows about threads.
@Inherited
@Target(ElementType.TYPE)
@Retention(RetentionPolicy.RUNTIME)
public @interface RealClock {

    /// Whether the devices hold little, for rows about limits and leaks.
    boolean small() default false;
}
