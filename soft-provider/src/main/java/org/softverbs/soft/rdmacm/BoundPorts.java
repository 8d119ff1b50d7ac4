package org.softverbs.soft.rdmacm;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.softverbs.cm.PortSpace;
import org.softverbs.verbs.VerbsException;

/// The port of an ID, on the one device or on all devices on which it is bound.
final class BoundPorts {

    private record Bound(PortBindings where, PortBindings.Binding binding) {}

    private final SoftConnectionManager manager;
    private final List<Bound> bound = new ArrayList<>();

    BoundPorts(SoftConnectionManager manager) {
        this.manager = manager;
    }

    /// Binds on one address.
    ///
    /// @param port 0 for any that is free
    /// @return the port
    int bind(RouteChoice choice, PortSpace space, int port, boolean reuse) {
        PortBindings where = choice.device().ports();
        int chosen =
                port != 0
                        ? port
                        : PortBindings.freePort(List.of(where), space, choice.device()::randomBits);
        bound.add(
                new Bound(
                        where, where.bind(space, chosen, Optional.of(choice.gid().gid()), reuse)));
        return chosen;
    }

    /// Binds on all addresses of all devices, or on none.
    ///
    /// @param port 0 for any that is free
    /// @return the port
    int bindAll(PortSpace space, int port, boolean reuse) {
        List<PortBindings> devices = manager.cmDevices().stream().map(CmDevice::ports).toList();
        int chosen =
                port != 0
                        ? port
                        : PortBindings.freePort(
                                devices, space, manager.cmDevices().getFirst()::randomBits);
        try {
            for (PortBindings where : devices) {
                bound.add(new Bound(where, where.bind(space, chosen, Optional.empty(), reuse)));
            }
        } catch (VerbsException e) {
            release();
            throw e;
        }
        return chosen;
    }

    void release() {
        bound.forEach(it -> it.where.release(it.binding));
        bound.clear();
    }
}
