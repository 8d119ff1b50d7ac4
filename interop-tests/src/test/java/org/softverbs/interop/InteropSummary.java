package org.softverbs.interop;

import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.platform.engine.TestExecutionResult;
import org.junit.platform.engine.support.descriptor.ClassSource;
import org.junit.platform.engine.support.descriptor.MethodSource;
import org.junit.platform.launcher.TestExecutionListener;
import org.junit.platform.launcher.TestIdentifier;
import org.junit.platform.launcher.TestPlan;

/// Prints at the end of a run how many interop tests ran and how many were skipped.
public final class InteropSummary implements TestExecutionListener {

    private final AtomicInteger run = new AtomicInteger();
    private final AtomicInteger skipped = new AtomicInteger();
    private final AtomicInteger failed = new AtomicInteger();
    private volatile @Nullable TestPlan plan;

    @Override
    public void testPlanExecutionStarted(TestPlan testPlan) {
        plan = testPlan;
    }

    @Override
    public void executionSkipped(TestIdentifier test, String reason) {
        if (isInterop(test)) {
            skipped.addAndGet(testsIn(test));
            System.out.printf("Skipped: %s: %s%n", test.getDisplayName(), reason);
        }
    }

    /// A class is skipped as a whole, with the test methods in it.
    private int testsIn(TestIdentifier skippedNode) {
        TestPlan known = plan;
        if (skippedNode.isTest() || known == null) {
            return 1;
        }
        return (int)
                known.getDescendants(skippedNode).stream()
                        .filter(it -> it.getSource().orElse(null) instanceof MethodSource)
                        .count();
    }

    @Override
    public void executionFinished(TestIdentifier test, TestExecutionResult result) {
        boolean failure = result.getStatus() == TestExecutionResult.Status.FAILED;
        if (isInterop(test) && (test.isTest() || failure)) {
            run.incrementAndGet();
            if (failure) {
                failed.incrementAndGet();
            }
        }
    }

    @Override
    public void testPlanExecutionFinished(TestPlan testPlan) {
        if (run.get() + skipped.get() > 0) {
            System.out.printf(
                    "Interop tests: %d run, %d failed, %d skipped%n",
                    run.get(), failed.get(), skipped.get());
        }
    }

    private static boolean isInterop(TestIdentifier test) {
        return switch (test.getSource().orElse(null)) {
            case MethodSource method ->
                    method.getJavaClass().isAnnotationPresent(InteropTest.class);
            case ClassSource type -> type.getJavaClass().isAnnotationPresent(InteropTest.class);
            case null, default -> false;
        };
    }
}
