package org.softverbs.interop;

import com.sun.security.auth.module.UnixSystem;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.testcontainers.DockerClientFactory;

/// Whether this machine can run the interop tests at all.
final class ContainerEngine {

    private static final Path TUN = Path.of("/dev/net/tun");
    private static final Optional<String> PROBLEM = findProblem();

    private ContainerEngine() {}

    /// Why the interop tests cannot run here, in a sentence; empty when they can.
    static Optional<String> problem() {
        return PROBLEM;
    }

    private static Optional<String> findProblem() {
        if (!System.getProperty("os.name", "").equals("Linux")) {
            return Optional.of("interop tests need Linux");
        }
        if (new UnixSystem().getUid() != 0) {
            return Optional.of("interop tests need root: they build images and create tap devices");
        }
        if (Files.notExists(TUN)) {
            return Optional.of("interop tests need " + TUN + " (kernel module tun)");
        }
        if (!DockerClientFactory.instance().isDockerAvailable()) {
            return Optional.of("no container engine answers; start dockerd (see docs/interop.md)");
        }
        return Optional.empty();
    }
}
