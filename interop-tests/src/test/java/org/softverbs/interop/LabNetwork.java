package org.softverbs.interop;

import com.github.dockerjava.api.DockerClient;
import com.github.dockerjava.api.exception.DockerException;
import com.github.dockerjava.api.model.Network;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Comparator;
import java.util.Deque;
import java.util.Map;
import java.util.stream.Stream;
import org.testcontainers.DockerClientFactory;

/// A container network and the hosts on it. Its links carry frames of [#LINK_MTU] bytes, so that a
/// host chooses its own MTU up to that. Closing it closes the hosts.
final class LabNetwork implements AutoCloseable {

    /// Room for path MTU 4096 and its headers.
    static final int LINK_MTU = 4200;

    /// Marks our networks with the process that made them; see [#removeStale].
    private static final String OWNER_LABEL = "org.softverbs.interop.owner";

    private final LabImages images;
    private final DockerClient docker;
    private final String id;
    private final Path scratch;
    private final Deque<LabHost> hosts = new ArrayDeque<>();

    private LabNetwork(LabImages images, DockerClient docker, String id, Path scratch) {
        this.images = images;
        this.docker = docker;
        this.id = id;
        this.scratch = scratch;
    }

    static LabNetwork create(LabImages images) {
        DockerClient docker = DockerClientFactory.lazyClient();
        removeStale(docker);
        long process = ProcessHandle.current().pid();
        String name = "softverbs-interop-" + process + "-" + Long.toHexString(System.nanoTime());
        String id =
                docker.createNetworkCmd()
                        .withName(name)
                        .withOptions(
                                Map.of("com.docker.network.driver.mtu", Integer.toString(LINK_MTU)))
                        .withLabels(Map.of(OWNER_LABEL, Long.toString(process)))
                        .exec()
                        .getId();
        try {
            // Short: the path of a Unix domain socket is limited to some 100 characters.
            return new LabNetwork(images, docker, id, Files.createTempDirectory("softverbs-"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// Networks of a killed test run: its containers ended by themselves, the network did not.
    private static void removeStale(DockerClient docker) {
        for (Network network : docker.listNetworksCmd().exec()) {
            String owner = network.getLabels().get(OWNER_LABEL);
            if (owner != null && ProcessHandle.of(Long.parseLong(owner)).isEmpty()) {
                try {
                    docker.removeNetworkCmd(network.getId()).exec();
                } catch (DockerException inUseOrGone) {
                    // Another test run clears up, too, or its containers are just ending.
                }
            }
        }
    }

    /// Boots a kernel guest on this network and waits until it answers.
    KernelGuest bootGuest(String name) {
        return join(new KernelGuest(this, name));
    }

    /// Starts a container for our own node on this network.
    NodeContainer startNode(String name) {
        return join(new NodeContainer(this, name));
    }

    private <H extends LabHost> H join(H host) {
        hosts.push(host);
        host.boot();
        return host;
    }

    LabImages images() {
        return images;
    }

    String id() {
        return id;
    }

    /// A folder for one host's sockets and files.
    Path scratchFor(String name) {
        try {
            return Files.createDirectory(scratch.resolve(name));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() {
        while (!hosts.isEmpty()) {
            hosts.pop().close();
        }
        docker.removeNetworkCmd(id).exec();
        try (Stream<Path> files = Files.walk(scratch)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(file);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
