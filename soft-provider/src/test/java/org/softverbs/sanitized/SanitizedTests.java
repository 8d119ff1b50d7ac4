package org.softverbs.sanitized;

import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.platform.commons.support.AnnotationSupport;
import org.softverbs.junit.Provokes;

/// Fails a test at once when it is reported for what it does to a [Sanitized] host or device; of
/// all others [org.softverbs.junit.SuiteWatch] tells when the suite ends. JUnit finds it as a
/// service.
public final class SanitizedTests implements AfterEachCallback {

    /// For JUnit.
    public SanitizedTests() {}

    @Override
    public void afterEach(ExtensionContext context) throws Exception {
        List<Sanitized.Found> found = Sanitized.take();
        if (!Sanitized.isOn() || context.getExecutionException().isPresent()) {
            return;
        }
        Optional<Provokes> provoked =
                AnnotationSupport.findAnnotation(context.getElement(), Provokes.class)
                        .or(() -> ofClass(context));
        List<Sanitized.Found> unexpected =
                found.stream().filter(it -> !isProvoked(provoked, it)).toList();
        if (!unexpected.isEmpty()) {
            AssertionError failure = new AssertionError("the sanitizer found " + unexpected.size());
            unexpected.forEach(it -> failure.addSuppressed(it.stack()));
            throw failure;
        }
    }

    private static Optional<Provokes> ofClass(ExtensionContext context) {
        return AnnotationSupport.findAnnotation(context.getRequiredTestClass(), Provokes.class);
    }

    private static boolean isProvoked(Optional<Provokes> provoked, Sanitized.Found found) {
        return provoked.isPresent()
                && List.of(provoked.get().value()).contains(found.report().finding());
    }
}
