package org.softverbs.cli;

import java.util.Objects;
import picocli.CommandLine.IVersionProvider;

/** The version in the manifest of the jar. */
final class SoftverbsVersion implements IVersionProvider {

    @Override
    public String[] getVersion() {
        String version = Softverbs.class.getPackage().getImplementationVersion();
        return new String[] {
            "softverbs " + Objects.requireNonNullElse(version, "(not from a jar)"),
            "Java " + Runtime.version()
        };
    }
}
