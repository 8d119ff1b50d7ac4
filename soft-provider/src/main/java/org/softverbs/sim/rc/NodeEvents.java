package org.softverbs.sim.rc;

import static org.softverbs.sim.InvariantViolation.require;

import java.lang.foreign.MemorySegment;
import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.softverbs.sim.FaultKind;
import org.softverbs.sim.InvariantViolation;
import org.softverbs.soft.trace.TraceKind;
import org.softverbs.verbs.AsyncEvent;
import org.softverbs.verbs.AsyncEventType;
import org.softverbs.verbs.DeviceContext;
import org.softverbs.verbs.Errno;
import org.softverbs.verbs.GlobalIdentifier;
import org.softverbs.verbs.PortState;
import org.softverbs.verbs.QueuePairAttributes;
import org.softverbs.verbs.QueuePairState;
import org.softverbs.verbs.VerbsException;

/// What a node's device tells besides completions: each event must have a reason, and come as often
/// as there is one.
final class NodeEvents {

    private final Node node;
    private final RcProfile profile;
    private @Nullable Overflow overflow;
    private @Nullable GlobalIdentifier newAddress;
    private boolean down;
    private boolean removal;
    private final Set<Integer> notWhole = new LinkedHashSet<>();

    NodeEvents(Node node, RcProfile profile) {
        this.node = node;
        this.profile = profile;
    }

    /// The device is new.
    void opened() {
        overflow = null;
        newAddress = null;
        down = false;
        removal = false;
        notWhole.clear();
    }

    /// Whether no completion queue is about to overrun.
    boolean mayOverflow() {
        return overflow == null;
    }

    /// Has a completion queue overrun.
    void overflow(RcSettings settings, long size) {
        overflow = new Overflow(node, settings, size);
    }

    /// A region of a queue pair's is about to go.
    void deregister(int queuePair) {
        notWhole.add(queuePair);
    }

    /// The device's address is about to be another.
    void changeAddress(int port) {
        node.host().changeAddress(port);
        newAddress = node.host().portAddress();
    }

    /// The device is about to be taken out.
    void remove() {
        removal = true;
        node.host().removeDevices();
    }

    /// Whether the device is there, as far as anybody but the program knows.
    boolean isPresent() {
        return !removal;
    }

    /// Whether all was told that is to be told.
    boolean isSettled() {
        return overflow == null && newAddress == null && !down && !removal;
    }

    /// Takes what the device tells.
    ///
    /// @return whether it was taken out
    boolean take() {
        while (true) {
            Optional<AsyncEvent> next = next();
            if (next.isEmpty()) {
                notWhole.removeIf(this::isWholeAgain);
                return false;
            }
            AsyncEvent event = next.get();
            node.note(TraceKind.EVENT, event.element(), event.type().name());
            if (event.type() == AsyncEventType.DEVICE_FATAL) {
                removed(event);
                return true;
            }
            take(event);
        }
    }

    private boolean isWholeAgain(int queuePair) {
        End end = node.find(queuePair);
        return end == null || end.isWhole();
    }

    private Optional<AsyncEvent> next() {
        try {
            Optional<AsyncEvent> next = node.context().awaitAsyncEvent(Duration.ZERO);
            next.ifPresent(node.context()::acknowledge);
            return next;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted", e);
        }
    }

    private void take(AsyncEvent event) {
        switch (event.type()) {
            case COMM_EST, QP_ACCESS_ERR, QP_REQ_ERR -> {}
            // Its own receive buffers went away.
            case QP_FATAL ->
                    require(
                            notWhole.contains(event.element()),
                            "S1",
                            () -> node.name() + ": " + event);
            case CQ_ERR -> overran(event);
            case PORT_ERR, PORT_ACTIVE -> portChanged(event);
            case GID_CHANGE -> addressChanged(event);
            case SQ_DRAINED, DEVICE_FATAL, LAST_WQE_REACHED, SRQ_LIMIT_REACHED, SRQ_ERR ->
                    throw new InvariantViolation("S1", node.name() + ": " + event);
        }
    }

    private void overran(AsyncEvent event) {
        Overflow over = overflow;
        if (over == null) {
            throw new InvariantViolation("C3", node.name() + ": no queue is small: " + event);
        }
        over.overran();
        overflow = null;
    }

    private void portChanged(AsyncEvent event) {
        boolean goesDown = event.type() == AsyncEventType.PORT_ERR;
        require(
                goesDown != down && profile.faults().contains(FaultKind.PORT_DOWN),
                "Q9",
                () -> node.name() + ": told again: " + event);
        down = goesDown;
    }

    private void addressChanged(AsyncEvent event) {
        if (!removal) {
            GlobalIdentifier told = node.address();
            require(
                    told.equals(newAddress),
                    "Q9",
                    () -> node.name() + ": " + event + ", the table says " + told);
        }
        newAddress = null;
    }

    /// Judges what is left of the device: its queue pairs are in ERR, it refuses all but closing.
    private void removed(AsyncEvent event) {
        require(removal, "Q9", () -> node.name() + ": no reason for " + event);
        DeviceContext context = node.context();
        requireRefusal("allocateProtectionDomain", context::allocateProtectionDomain);
        requireRefusal("createCompletionQueue", () -> context.createCompletionQueue(1));
        requireRefusal("queryPort", () -> context.queryPort(1));
        MemorySegment any = MemorySegment.ofArray(new byte[1]);
        requireRefusal("registerMemory", () -> node.domain().registerMemory(any, Set.of()));
        for (End end : node.ends()) {
            if (!end.isDestroyed()) {
                QueuePairState state = end.queuePair().state();
                require(
                        state == QueuePairState.ERR || state == QueuePairState.RESET,
                        "Q9",
                        () -> end + ": the device is gone, and the state is " + state);
                requireRefusal(
                        "modify",
                        () -> end.queuePair().modify(QueuePairAttributes.to(QueuePairState.RESET)));
            }
        }
        if (overflow != null) {
            overflow.close();
        }
    }

    private void requireRefusal(String verb, Runnable call) {
        try {
            call.run();
        } catch (VerbsException refused) {
            require(
                    refused.errno() == Errno.EIO && refused.verb().equals(verb),
                    "Q9",
                    () -> node.name() + ": the device is gone: " + refused);
            return;
        }
        throw new InvariantViolation("Q9", node.name() + ": the device is gone, and does " + verb);
    }

    /// Judges that the port is as it was.
    void checkPort() {
        require(
                node.context().queryPort(1).state() == PortState.ACTIVE,
                "Q9",
                () -> node.name() + ": the port is down");
    }
}
