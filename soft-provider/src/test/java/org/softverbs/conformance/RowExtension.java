package org.softverbs.conformance;

import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ExtensionContext.Namespace;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;
import org.junit.jupiter.api.extension.TestWatcher;
import org.junit.platform.commons.support.AnnotationSupport;
import org.softverbs.soft.device.DeviceLimits;

/// Gives the tests of one run of a class their [Rig], and notes how they end.
final class RowExtension implements ParameterResolver, AfterEachCallback, TestWatcher {

    private static final Namespace NAMESPACE = Namespace.create(RowExtension.class);

    private static final DeviceLimits STANDARD = DeviceLimits.standard();
    private static final DeviceLimits SMALL =
            new DeviceLimits(
                    300, 256, 8, 256, 300, 1024, 300, 300, 16, 1 << 20, 300, 16, 300, 300, 8, 8);

    private final DeviceKind kind;

    RowExtension(DeviceKind kind) {
        this.kind = kind;
    }

    @Override
    public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
        return parameter.getParameter().getType().equals(Rig.class);
    }

    @Override
    public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
        return context.getStore(NAMESPACE)
                .getOrComputeIfAbsent(Rig.class, any -> newRig(context), Rig.class);
    }

    private Rig newRig(ExtensionContext context) {
        return AnnotationSupport.findAnnotation(context.getRequiredTestClass(), RealClock.class)
                .map(clock -> Rig.ofRealClock(kind, clock.small() ? SMALL : STANDARD))
                .orElseGet(() -> Rig.ofVirtualClock(kind));
    }

    @Override
    public void afterEach(ExtensionContext context) {
        Rig rig = context.getStore(NAMESPACE).get(Rig.class, Rig.class);
        if (rig == null) {
            return;
        }
        List<String> wrong = rig.finish();
        if (!wrong.isEmpty() && context.getExecutionException().isEmpty()) {
            throw new AssertionError(String.join("\n", wrong));
        }
    }

    private static SuiteRun run(ExtensionContext context) {
        return context.getRoot()
                .getStore(NAMESPACE)
                .getOrComputeIfAbsent(SuiteRun.class, any -> new SuiteRun(), SuiteRun.class);
    }

    @Override
    public void testSuccessful(ExtensionContext context) {
        run(context).passed(name(context), kind);
    }

    @Override
    public void testAborted(ExtensionContext context, @Nullable Throwable cause) {
        run(context).failed(name(context), kind);
    }

    @Override
    public void testFailed(ExtensionContext context, @Nullable Throwable cause) {
        run(context).failed(name(context), kind);
    }

    private static String name(ExtensionContext context) {
        return Suite.name(context.getRequiredTestClass(), context.getRequiredTestMethod());
    }
}
