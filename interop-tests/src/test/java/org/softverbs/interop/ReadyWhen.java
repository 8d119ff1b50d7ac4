package org.softverbs.interop;

import java.time.Duration;
import java.util.function.Predicate;

/// A way of knowing that a started command is ready for its peer. Never by connecting to it: the
/// stock tools take the first connection for their client.
@FunctionalInterface
interface ReadyWhen {

    Duration PATIENCE = Duration.ofSeconds(30);
    Duration INTERVAL = Duration.ofMillis(50);

    void await(LabCommand command);

    /// Something on the command's host listens on this TCP port.
    static ReadyWhen listening(int tcpPort) {
        // Local port in hexadecimal; state 0A is LISTEN.
        String script =
                "cat /proc/net/tcp /proc/net/tcp6 | grep -q ':%04X [0-9A-F]*:0000 0A '"
                        .formatted(tcpPort);
        return polling("listens on port " + tcpPort, it -> it.host().shell(script).exitCode() == 0);
    }

    /// Something in a kernel guest listens by its connection manager.
    static ReadyWhen listeningByManager() {
        String script = "rdma resource show cm_id | grep -q LISTEN";
        return polling(
                "listens by the connection manager", it -> it.host().shell(script).exitCode() == 0);
    }

    /// The host is in an IPv4 multicast group.
    static ReadyWhen inGroup(String group) {
        // The kernel's list has the address with its bytes reversed.
        StringBuilder word = new StringBuilder();
        for (String part : group.split("\\.", -1)) {
            word.insert(0, "%02X".formatted(Integer.parseInt(part)));
        }
        String script = "grep -q " + word + " /proc/net/igmp";
        return polling("is in group " + group, it -> it.host().shell(script).exitCode() == 0);
    }

    /// The command printed this text to standard output.
    static ReadyWhen prints(String text) {
        return polling("prints '" + text + "'", it -> it.stdout().contains(text));
    }

    private static ReadyWhen polling(String what, Predicate<LabCommand> condition) {
        return command -> {
            long deadline = System.nanoTime() + PATIENCE.toNanos();
            while (!condition.test(command)) {
                if (!command.isRunning()) {
                    throw new AssertionError(
                            "ended before it " + what + ": " + command.await(PATIENCE));
                }
                if (System.nanoTime() > deadline) {
                    throw new AssertionError("no sign that it " + what + ": " + command);
                }
                LabHost.sleep(INTERVAL);
            }
        };
    }
}
