package org.softverbs.conformance;

import java.lang.reflect.Method;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.platform.commons.support.AnnotationSupport;
import org.junit.platform.commons.support.HierarchyTraversalMode;
import org.junit.platform.commons.support.ReflectionSupport;

/// The tests of the suite as they stand in the sources, whichever of them run.
final class Suite {

    /// A test.
    ///
    /// @param name class and method
    /// @param rows the ids that it carries
    /// @param method what is run
    record Case(String name, Set<String> rows, Method method) {}

    private Suite() {}

    /// All tests of classes with [Conformance] in this package.
    static List<Case> cases() {
        List<Case> cases = new ArrayList<>();
        for (Class<?> owner :
                ReflectionSupport.findAllClassesInPackage(
                        Suite.class.getPackageName(), Suite::isOfSuite, any -> true)) {
            ReflectionSupport.findMethods(owner, Suite::isTest, HierarchyTraversalMode.TOP_DOWN)
                    .forEach(method -> cases.add(of(owner, method)));
        }
        return cases;
    }

    private static boolean isOfSuite(Class<?> owner) {
        return AnnotationSupport.isAnnotated(owner, Conformance.class);
    }

    private static boolean isTest(Method method) {
        return AnnotationSupport.isAnnotated(method, Test.class)
                || AnnotationSupport.isAnnotated(method, ParameterizedTest.class);
    }

    private static Case of(Class<?> owner, Method method) {
        Set<String> tags = new TreeSet<>();
        AnnotationSupport.findRepeatableAnnotations(method, Tag.class)
                .forEach(tag -> tags.add(tag.value()));
        return new Case(name(owner, method), tags, method);
    }

    static String name(Class<?> owner, Method method) {
        return owner.getSimpleName() + "." + method.getName();
    }
}
