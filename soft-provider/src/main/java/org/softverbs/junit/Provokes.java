package org.softverbs.junit;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.softverbs.sanitizer.Finding;

/// What a test, or each test of a class, does wrong on purpose. A suite with [SuiteWatch] fails by
/// any other report, and when none of these is made.
@Retention(RetentionPolicy.RUNTIME)
@Target({ElementType.METHOD, ElementType.TYPE})
public @interface Provokes {

    /// What the sanitizer reports.
    Finding[] value() default {};

    /// Whether the watchdog may tell of queue pairs without progress: whether it gets to it hangs
    /// on the time that the test takes.
    boolean stuck() default false;

    /// Why the test does it.
    String because();

    /// Whether there may be no report at all: in some of a parameterised test's cases, or as it
    /// hangs on chance.
    boolean perhaps() default false;
}
