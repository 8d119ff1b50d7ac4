package org.softverbs.cli;

import java.util.Comparator;
import java.util.List;
import java.util.ServiceLoader;
import java.util.spi.ToolProvider;
import org.jspecify.annotations.Nullable;

/** Finds the subcommands that other modules add; those of the JDK (jar, javac) do not count. */
final class Tools {

    private Tools() {}

    static List<ToolProvider> find() {
        return ServiceLoader.load(ToolProvider.class, Tools.class.getClassLoader()).stream()
                .filter(provider -> !isJdk(provider.type()))
                .map(ServiceLoader.Provider::get)
                .sorted(Comparator.comparing(ToolProvider::name))
                .toList();
    }

    static @Nullable ToolProvider named(List<ToolProvider> tools, String name) {
        return tools.stream().filter(tool -> tool.name().equals(name)).findFirst().orElse(null);
    }

    private static boolean isJdk(Class<?> type) {
        Module module = type.getModule();
        return module.isNamed() && module.getName().startsWith("jdk.");
    }
}
