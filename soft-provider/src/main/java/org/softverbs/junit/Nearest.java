package org.softverbs.junit;

import java.lang.annotation.Annotation;
import java.util.Optional;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ParameterResolutionException;
import org.junit.platform.commons.support.AnnotationSupport;

/// What applies to a test, and to nothing wider than a test.
final class Nearest {

    private Nearest() {}

    /// The annotation of the test, else of its class, else of a class that this is nested in.
    static <A extends Annotation> Optional<A> annotation(ExtensionContext context, Class<A> kind) {
        Optional<ExtensionContext> at = Optional.of(context);
        while (at.isPresent()) {
            Optional<A> found = AnnotationSupport.findAnnotation(at.get().getElement(), kind);
            if (found.isPresent()) {
                return found;
            }
            at = at.get().getParent();
        }
        return Optional.empty();
    }

    /// @throws ParameterResolutionException when a parameter is wanted where there is no test yet
    static void requireTest(ExtensionContext context, Class<?> parameter) {
        if (context.getTestMethod().isEmpty()) {
            throw new ParameterResolutionException(
                    parameter.getSimpleName()
                            + " is of one test: there is none in @BeforeAll, @AfterAll and the"
                            + " constructor of a class with PER_CLASS; take it in the test or in"
                            + " @BeforeEach");
        }
    }
}
