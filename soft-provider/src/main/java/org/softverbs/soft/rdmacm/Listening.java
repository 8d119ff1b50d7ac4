package org.softverbs.soft.rdmacm;

import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.softverbs.soft.cm.CmListener;
import org.softverbs.soft.cm.CmNotice;
import org.softverbs.verbs.GlobalIdentifier;
import org.softverbs.verbs.VerbsException;

/// The listeners of an ID: one, or one on each device.
final class Listening {

    private static final int DEFAULT_BACKLOG = 1024;
    private static final int LARGEST_BACKLOG = 65_536;

    private record Active(CmDevice device, CmListener listener) {}

    private final SoftConnectionId id;
    private final List<Active> active = new ArrayList<>();

    Listening(SoftConnectionId id) {
        this.id = id;
    }

    /// @param device the one to listen on; nothing for all of them
    void start(InetSocketAddress address, Optional<CmDevice> device, int backlog) {
        Optional<GlobalIdentifier> gid =
                address.getAddress().isAnyLocalAddress()
                        ? Optional.empty()
                        : Optional.of(GlobalIdentifier.of(address.getAddress()));
        int granted = backlog <= 0 ? DEFAULT_BACKLOG : Math.min(backlog, LARGEST_BACKLOG);
        long service = id.portSpace().serviceId(address.getPort());
        try {
            for (CmDevice each : device.map(List::of).orElseGet(id.softManager()::cmDevices)) {
                each.run(
                        () ->
                                active.add(
                                        new Active(
                                                each,
                                                each.engine()
                                                        .listen(
                                                                service,
                                                                gid,
                                                                granted,
                                                                (notice, _) ->
                                                                        onNotice(each, notice)))));
            }
        } catch (VerbsException e) {
            stop();
            throw e;
        }
    }

    /// Somebody asks: it gets an ID of its own, which all that follows goes to.
    private void onNotice(CmDevice device, CmNotice notice) {
        SoftConnectionId asked = new SoftConnectionId(id, device);
        id.softManager().add(asked);
        SoftCmEvent[] event = new SoftCmEvent[1];
        asked.locked(() -> event[0] = asked.conversation().begin(id, device, notice));
        id.locked(() -> id.raise(event[0]));
    }

    /// Requests that nobody took are rejected.
    void stop() {
        for (Active each : active) {
            each.device.run(
                    () ->
                            each.device
                                    .engine()
                                    .stopListening(each.listener, each.device.nanoTime()));
        }
        active.clear();
    }
}
