package org.softverbs.interop;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.api.extension.ExtendWith;

/// Marks a test class that needs the interop lab. It is skipped, with the reason, where the lab
/// cannot run; with `CI=true` in the environment that is a failure. Its methods may take, as
/// parameters, a [KernelGuest], a [NodeContainer] and the [LabNetwork] that they are on. These are
/// shared by all tests of a run and reset after each.
@Target(ElementType.TYPE)
@Retention(RetentionPolicy.RUNTIME)
@ExtendWith(InteropExtension.class)
@interface InteropTest {}
