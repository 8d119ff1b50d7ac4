package org.softverbs.sanitized;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.softverbs.sanitizer.Finding;

/// What a test does wrong on purpose. With the sanitizer on, only these findings do not fail it,
/// and it fails when none of them is reported.
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.METHOD)
public @interface Provokes {

    /// What is reported.
    Finding[] value();

    /// Why the test does it.
    String because();

    /// Whether there may be no report at all: in some of a parameterised test's cases, or as it
    /// hangs on chance.
    boolean perhaps() default false;
}
