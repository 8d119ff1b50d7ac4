package org.softverbs.interop;

import java.time.Duration;

/// A command that runs in a kernel guest or a node container. Its output can be read while it runs.
/// A test that leaves it running need not care: [LabHost#reset] ends it.
final class LabCommand implements AutoCloseable {

    private static final int EXIT_CODE_DIGITS = 4;
    private static final Duration KILL_PATIENCE = Duration.ofSeconds(10);

    private final LabHost host;
    private final String description;
    private final LabAgent agent;
    private final LabAgent.Streams streams;

    LabCommand(LabHost host, LabAgent agent, String script) {
        this.host = host;
        this.description = host.name() + "$ " + script;
        this.agent = agent;
        this.streams = agent.start(script);
    }

    LabHost host() {
        return host;
    }

    boolean isRunning() {
        return !(streams.stdout().hasEnded() && streams.stderrAndCode().hasEnded());
    }

    String stdout() {
        return streams.stdout().text();
    }

    /// Waits until a condition holds, for example that a server listens; fails the test when the
    /// command ends before or [ReadyWhen#PATIENCE] is over.
    LabCommand awaitReady(ReadyWhen condition) {
        condition.await(this);
        return this;
    }

    /// Waits for the end; kills the command and fails the test when it takes longer.
    CommandResult await(Duration timeout) {
        if (!awaitEnd(timeout)) {
            kill();
            throw new AssertionError(
                    "still running after %s s: %s%n--- stdout%n%s%n--- stderr%n%s"
                            .formatted(
                                    timeout.toSeconds(),
                                    description,
                                    stdout(),
                                    streams.stderrAndCode().text()));
        }
        return result();
    }

    private boolean awaitEnd(Duration timeout) {
        long deadline = System.nanoTime() + timeout.toNanos();
        try {
            return streams.stdout().awaitEnd(deadline - System.nanoTime())
                    && streams.stderrAndCode().awaitEnd(deadline - System.nanoTime());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while waiting for " + description, e);
        }
    }

    private CommandResult result() {
        String text = streams.stderrAndCode().text();
        int end = text.length() - EXIT_CODE_DIGITS;
        if (end < 0 || !text.substring(end).chars().allMatch(Character::isDigit)) {
            throw new AssertionError("the agent went away during " + description + "\n" + text);
        }
        int exitCode = Integer.parseInt(text.substring(end));
        return new CommandResult(description, exitCode, stdout(), text.substring(0, end));
    }

    /// Sends a signal ("TERM", "INT", "STOP" …) to the command and all that it started.
    void signal(String name) {
        agent.signal(streams.id(), name);
    }

    /// Ends the command and all that it started, if it still runs.
    void kill() {
        if (isRunning()) {
            signal("KILL");
            if (!awaitEnd(KILL_PATIENCE)) {
                throw new AssertionError("not to be killed: " + description);
            }
        }
    }

    @Override
    public void close() {
        kill();
    }

    @Override
    public String toString() {
        return description;
    }
}
