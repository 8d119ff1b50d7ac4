package org.softverbs.junit;

import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.stream.Collectors;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ExtensionContext.Namespace;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;
import org.softverbs.dma.DmaDevice;
import org.softverbs.dma.PhysicalMemory;
import org.softverbs.dma.RawDma;
import org.softverbs.sanitizer.Report;
import org.softverbs.sanitizer.Sanitizer;
import org.softverbs.soft.dma.DmaAttachment;
import org.softverbs.soft.dma.DmaSettings;
import org.softverbs.soft.host.Host;
import org.softverbs.soft.host.RandomSource;

/// What [SoftVerbs] does.
public final class SoftVerbsExtension implements ParameterResolver, AfterEachCallback {

    private static final Namespace NAMESPACE = Namespace.create(SoftVerbsExtension.class);
    private static final int SEED = 1;
    private static final List<Class<?>> KINDS =
            List.of(
                    Host.class,
                    DmaAttachment.class,
                    DmaDevice.class,
                    RawDma.class,
                    PhysicalMemory.class,
                    Sanitizer.class);

    /// What one test has.
    private record World(Host host, DmaAttachment attachment, Sanitizer sanitizer) {}

    /// For JUnit.
    public SoftVerbsExtension() {}

    /// Each test's own, for the constructor of its class, too.
    @Override
    public ExtensionContextScope getTestInstantiationExtensionContextScope(
            ExtensionContext rootContext) {
        return ExtensionContextScope.TEST_METHOD;
    }

    @Override
    public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
        return KINDS.contains(parameter.getParameter().getType());
    }

    @Override
    public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
        Class<?> kind = parameter.getParameter().getType();
        Nearest.requireTest(context, kind);
        World world = world(context);
        if (kind.equals(Host.class)) {
            return world.host();
        }
        if (kind.equals(DmaAttachment.class)) {
            return world.attachment();
        }
        if (kind.equals(DmaDevice.class)) {
            return world.attachment().device();
        }
        if (kind.equals(RawDma.class)) {
            return world.attachment().device().raw();
        }
        return kind.equals(Sanitizer.class) ? world.sanitizer() : world.host().physicalMemory();
    }

    private static World world(ExtensionContext context) {
        return context.getStore(NAMESPACE)
                .getOrComputeIfAbsent(World.class, any -> newWorld(settings(context)), World.class);
    }

    private static Optional<SoftVerbs> annotation(ExtensionContext context) {
        return Nearest.annotation(context, SoftVerbs.class);
    }

    private static DmaSettings settings(ExtensionContext context) {
        SoftVerbs wanted =
                annotation(context)
                        .orElseThrow(() -> new IllegalStateException("@SoftVerbs is missing"));
        return new DmaSettings(
                wanted.addressing(),
                wanted.iommu(),
                wanted.granule(),
                wanted.bouncing(),
                wanted.maskBits());
    }

    private static World newWorld(DmaSettings settings) {
        Host host = new Host(() -> 0, RandomSource.seeded(new SplittableRandom(SEED)));
        Sanitizer sanitizer = host.sanitize();
        return new World(host, DmaAttachment.of(settings, host), sanitizer);
    }

    @Override
    public void afterEach(ExtensionContext context) {
        World world = context.getStore(NAMESPACE).get(World.class, World.class);
        boolean expected = annotation(context).map(SoftVerbs::reportsExpected).orElse(false);
        if (world == null || expected) {
            return;
        }
        world.sanitizer().unbindAll();
        List<Report> reports = world.sanitizer().reports();
        if (!reports.isEmpty()) {
            String lines = reports.stream().map(Report::toString).collect(Collectors.joining("\n"));
            throw new AssertionError("the sanitizer found " + reports.size() + ":\n" + lines);
        }
    }
}
