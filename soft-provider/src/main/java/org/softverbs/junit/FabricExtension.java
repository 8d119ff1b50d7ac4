package org.softverbs.junit;

import java.util.List;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ExtensionContext.Namespace;
import org.junit.jupiter.api.extension.LifecycleMethodExecutionExceptionHandler;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolutionException;
import org.junit.jupiter.api.extension.ParameterResolver;
import org.junit.jupiter.api.extension.TestExecutionExceptionHandler;
import org.opentest4j.TestAbortedException;
import org.softverbs.sim.World;

/// What [Fabric] does.
public final class FabricExtension
        implements ParameterResolver,
                AfterEachCallback,
                TestExecutionExceptionHandler,
                LifecycleMethodExecutionExceptionHandler {

    private static final Namespace NAMESPACE = Namespace.create(FabricExtension.class);

    /// For JUnit.
    public FabricExtension() {}

    /// Each test's own, for the constructor of its class, too.
    @Override
    public ExtensionContextScope getTestInstantiationExtensionContextScope(
            ExtensionContext rootContext) {
        return ExtensionContextScope.TEST_METHOD;
    }

    @Override
    public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
        Class<?> kind = parameter.getParameter().getType();
        return kind.equals(FabricNodes.class) || kind.equals(World.class);
    }

    @Override
    public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
        Nearest.requireTest(context, parameter.getParameter().getType());
        FabricNodes nodes = nodes(context);
        if (parameter.getParameter().getType().equals(FabricNodes.class)) {
            return nodes;
        }
        return nodes.world()
                .orElseThrow(
                        () ->
                                new ParameterResolutionException(
                                        "a World is there with @Fabric(clock = VIRTUAL) only"));
    }

    private static FabricNodes nodes(ExtensionContext context) {
        return context.getStore(NAMESPACE)
                .getOrComputeIfAbsent(
                        FabricNodes.class,
                        any -> new FabricNodes(settings(context)),
                        FabricNodes.class);
    }

    private static FabricSettings settings(ExtensionContext context) {
        Fabric wanted =
                Nearest.annotation(context, Fabric.class)
                        .orElseThrow(() -> new IllegalStateException("@Fabric is missing"));
        return FabricSettings.of(wanted, System.getProperty(FabricSettings.SEED_PROPERTY));
    }

    @Override
    public void handleTestExecutionException(ExtensionContext context, Throwable failure)
            throws Throwable {
        throw explained(context, failure);
    }

    @Override
    public void handleBeforeEachMethodExecutionException(
            ExtensionContext context, Throwable failure) throws Throwable {
        throw explained(context, failure);
    }

    @Override
    public void handleAfterEachMethodExecutionException(ExtensionContext context, Throwable failure)
            throws Throwable {
        throw explained(context, failure);
    }

    private static Throwable explained(ExtensionContext context, Throwable failure) {
        FabricNodes nodes = context.getStore(NAMESPACE).get(FabricNodes.class, FabricNodes.class);
        return nodes == null || failure instanceof TestAbortedException
                ? failure
                : nodes.explain(failure);
    }

    @Override
    public void afterEach(ExtensionContext context) {
        FabricNodes nodes = context.getStore(NAMESPACE).get(FabricNodes.class, FabricNodes.class);
        if (nodes == null) {
            return;
        }
        List<String> wrong = nodes.finish();
        if (!wrong.isEmpty() && context.getExecutionException().isEmpty()) {
            throw nodes.explain(new AssertionError(String.join("\n", wrong)));
        }
    }
}
