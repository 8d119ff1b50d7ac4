package org.softverbs.conformance;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/// The sources of a row contradict each other or leave it open: the test asserts what was decided.
@Target(ElementType.METHOD)
@Retention(RetentionPolicy.RUNTIME)
public @interface Decision {

    /// What was decided, for the report.
    String value();
}
