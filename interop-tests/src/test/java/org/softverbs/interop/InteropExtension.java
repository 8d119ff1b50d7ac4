package org.softverbs.interop;

import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.ConditionEvaluationResult;
import org.junit.jupiter.api.extension.ExecutionCondition;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ExtensionContext.Namespace;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;

/// Gives tests the shared lab and cleans up behind them. See [InteropTest].
final class InteropExtension implements ExecutionCondition, ParameterResolver, AfterEachCallback {

    private static final Namespace NAMESPACE = Namespace.create(InteropExtension.class);

    @Override
    public ConditionEvaluationResult evaluateExecutionCondition(ExtensionContext context) {
        if (ContainerEngine.problem().isEmpty()) {
            return ConditionEvaluationResult.enabled("the lab can run here");
        }
        String reason = ContainerEngine.problem().get();
        if ("true".equals(System.getenv("CI"))) {
            throw new IllegalStateException(reason + "; with CI=true a skipped test is a failure");
        }
        return ConditionEvaluationResult.disabled(reason);
    }

    @Override
    public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
        Class<?> type = parameter.getParameter().getType();
        return type == KernelGuest.class || type == NodeContainer.class || type == LabNetwork.class;
    }

    @Override
    public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
        Class<?> type = parameter.getParameter().getType();
        SharedLab lab = lab(context);
        if (type == KernelGuest.class) {
            return lab.guest();
        }
        return type == NodeContainer.class ? lab.node() : lab.network();
    }

    @Override
    public void afterEach(ExtensionContext context) {
        lab(context).reset();
    }

    /// In the root store, which JUnit closes after the last test, whatever became of the tests.
    private static SharedLab lab(ExtensionContext context) {
        return context.getRoot()
                .getStore(NAMESPACE)
                .getOrComputeIfAbsent(SharedLab.class, key -> new SharedLab(), SharedLab.class);
    }
}
