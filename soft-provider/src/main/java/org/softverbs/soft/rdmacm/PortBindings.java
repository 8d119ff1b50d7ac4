package org.softverbs.soft.rdmacm;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.IntUnaryOperator;
import org.softverbs.cm.PortSpace;
import org.softverbs.verbs.Errno;
import org.softverbs.verbs.GlobalIdentifier;
import org.softverbs.verbs.VerbsException;

/// Which ports of a device's addresses are bound. For any thread.
public final class PortBindings {

    /// The first of the ports that are given to who asks for none, as on Linux.
    private static final int FIRST_EPHEMERAL = 32_768;

    private static final int EPHEMERALS = 60_999 - FIRST_EPHEMERAL + 1;

    /// A port that is bound.
    ///
    /// @param address nothing for all addresses
    /// @param reuse whether others that want to share may
    record Binding(PortSpace space, int port, Optional<GlobalIdentifier> address, boolean reuse) {

        boolean overlaps(Optional<GlobalIdentifier> other) {
            return address.isEmpty() || other.isEmpty() || address.equals(other);
        }
    }

    private record Key(PortSpace space, int port) {}

    private final Map<Key, List<Binding>> bindings = new HashMap<>();

    /// No port is bound.
    public PortBindings() {}

    /// Binds a port.
    ///
    /// @throws VerbsException `EADDRINUSE` when it is taken
    synchronized Binding bind(
            PortSpace space, int port, Optional<GlobalIdentifier> address, boolean reuse) {
        Binding wanted = new Binding(space, port, address, reuse);
        List<Binding> there =
                bindings.computeIfAbsent(new Key(space, port), _ -> new ArrayList<>());
        for (Binding other : there) {
            if (other.overlaps(address) && !(reuse && other.reuse())) {
                throw new VerbsException(
                        Errno.EADDRINUSE, "bind", "port %d of %s is taken".formatted(port, space));
            }
        }
        there.add(wanted);
        return wanted;
    }

    /// Whether nobody has bound a port on any address.
    synchronized boolean isFree(PortSpace space, int port) {
        return bindings.getOrDefault(new Key(space, port), List.of()).isEmpty();
    }

    /// A port that is free on all of some devices.
    ///
    /// @param random gives that many random bits
    /// @throws VerbsException `EADDRNOTAVAIL` when there is none
    static int freePort(List<PortBindings> devices, PortSpace space, IntUnaryOperator random) {
        int start = random.applyAsInt(16) % EPHEMERALS;
        for (int i = 0; i < EPHEMERALS; i++) {
            int port = FIRST_EPHEMERAL + (start + i) % EPHEMERALS;
            if (devices.stream().allMatch(it -> it.isFree(space, port))) {
                return port;
            }
        }
        throw new VerbsException(
                Errno.EADDRNOTAVAIL, "bind", "all ports of " + space + " are taken");
    }

    /// Frees a port again.
    @SuppressWarnings("ReferenceEquality")
    synchronized void release(Binding binding) {
        Key key = new Key(binding.space(), binding.port());
        List<Binding> there = bindings.getOrDefault(key, List.of());
        for (int i = 0; i < there.size(); i++) {
            if (there.get(i) == binding) {
                there.remove(i);
                break;
            }
        }
        if (there.isEmpty()) {
            bindings.remove(key);
        }
    }

    /// Ports that are bound, each as often as it is.
    public synchronized int size() {
        return bindings.values().stream().mapToInt(List::size).sum();
    }
}
