package org.softverbs.ulp.store;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.softverbs.ulp.tool.SideChannel;
import org.softverbs.ulp.tool.SideListener;
import org.softverbs.verbs.CompletionQueue;
import org.softverbs.verbs.Errno;
import org.softverbs.verbs.PrivilegedContext;
import org.softverbs.verbs.PrivilegedDomain;
import org.softverbs.verbs.RdmaDevices;
import org.softverbs.verbs.VerbsException;

/// The order in which commands of two real connections begin.
class WaitingCommandsTest {

    private static final int LONG = 100;

    private final PrivilegedContext device =
            RdmaDevices.openPrivileged("rxe@127.4.202.1", Map.of());
    private final PrivilegedDomain domain = device.allocateProtectionDomain();
    private final CompletionQueue completions = device.createCompletionQueue(1024);
    private final SideListener listener = new SideListener(0);
    private final SideChannel channel = SideChannel.connect("127.0.0.1", listener.port());
    private final StoreConnection one = connection();
    private final StoreConnection other = connection();

    private final StoreStatistics statistics = new StoreStatistics();
    private final WaitingCommands commands = new WaitingCommands(this::begin, statistics);
    private final List<Integer> begun = new ArrayList<>();
    private final List<StoreConnection> lost = new ArrayList<>();
    private final Set<StoreConnection> failed = new HashSet<>();
    private Shortage ofLongOnes = Shortage.NONE;

    private StoreConnection connection() {
        StoreSettings settings = StoreSettings.of(new StoreGeometry(512, 8)).withQueueDepth(2);
        return new StoreConnection(domain, completions, settings, channel);
    }

    @AfterEach
    void close() {
        one.close();
        other.close();
        channel.close();
        listener.close();
        completions.close();
        domain.close();
        device.close();
    }

    private Shortage begin(WaitingCommand command) {
        if (failed.contains(command.connection())) {
            throw new VerbsException(Errno.EINVAL, "postSend", "the queue pair failed");
        }
        int identifier = command.request().identifier();
        if (identifier >= LONG && ofLongOnes != Shortage.NONE) {
            return ofLongOnes;
        }
        begun.add(identifier);
        return Shortage.NONE;
    }

    private void add(StoreConnection connection, int identifier) {
        commands.add(
                new WaitingCommand(
                        connection, 0, new RequestCapsule(1, identifier, 1, 0, 0, 512, 0)));
    }

    private boolean serve() {
        return commands.serve(it -> !lost.contains(it), lost::add);
    }

    @Test
    void shouldLetNobodyPassACommandThatLacksMemory() {
        ofLongOnes = Shortage.MEMORY;
        add(one, 1);
        add(one, LONG);
        add(other, 2);
        assertThat(serve()).isTrue();
        add(one, 3);
        assertThat(serve()).isTrue();
        assertThat(begun).containsExactly(1);
        assertThat(statistics.waited()).isEqualTo(3);
        assertThat(serve()).isFalse();
        ofLongOnes = Shortage.NONE;
        commands.makeRoom();
        assertThat(serve()).isTrue();
        assertThat(begun).containsExactly(1, LONG, 2, 3);
        assertThat(statistics.waited()).isEqualTo(3);
    }

    @Test
    void shouldLetOtherConnectionsPassACommandThatLacksRegistrations() {
        ofLongOnes = Shortage.REGISTRATIONS;
        add(one, LONG);
        add(one, 1);
        add(other, 2);
        assertThat(serve()).isTrue();
        assertThat(begun).containsExactly(2);
        ofLongOnes = Shortage.NONE;
        commands.makeRoom();
        assertThat(serve()).isTrue();
        assertThat(begun).containsExactly(2, LONG, 1);
    }

    @Test
    void shouldLoseOnlyTheConnectionWhoseCommandFails() {
        ofLongOnes = Shortage.MEMORY;
        add(one, LONG);
        add(one, 1);
        add(other, 2);
        assertThat(serve()).isTrue();
        failed.add(one);
        commands.makeRoom();
        assertThat(serve()).isTrue();
        assertThat(lost).containsExactly(one);
        assertThat(begun).containsExactly(2);
        assertThat(serve()).isFalse();
    }
}
