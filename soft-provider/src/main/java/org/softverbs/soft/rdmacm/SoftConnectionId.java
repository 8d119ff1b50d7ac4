package org.softverbs.soft.rdmacm;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.softverbs.cm.AddressInfo;
import org.softverbs.cm.CmEventType;
import org.softverbs.cm.ConnectionId;
import org.softverbs.cm.ConnectionIdState;
import org.softverbs.cm.ConnectionManager;
import org.softverbs.cm.ConnectionOptions;
import org.softverbs.cm.ConnectionParameters;
import org.softverbs.cm.ConnectionRoute;
import org.softverbs.cm.EventChannel;
import org.softverbs.cm.PortSpace;
import org.softverbs.cm.PrivateData;
import org.softverbs.cm.RejectReason;
import org.softverbs.verbs.AsyncEventType;
import org.softverbs.verbs.Cause;
import org.softverbs.verbs.DeviceContext;
import org.softverbs.verbs.Errno;
import org.softverbs.verbs.Explanation;
import org.softverbs.verbs.GidEntry;
import org.softverbs.verbs.GlobalIdentifier;
import org.softverbs.verbs.ProtectionDomain;
import org.softverbs.verbs.QueuePair;
import org.softverbs.verbs.QueuePairAttributes;
import org.softverbs.verbs.QueuePairOptions;
import org.softverbs.verbs.QueuePairState;
import org.softverbs.verbs.SetupCause;
import org.softverbs.verbs.VerbsException;

/// An ID: its address, its state, and the parts that do the rest. Its lock is taken by the owner of
/// its device; events leave when it is released.
final class SoftConnectionId extends EventSource implements ConnectionId {

    private static final int PORT = 1;

    private final SoftConnectionManager manager;
    private final PortSpace portSpace;
    private final BoundPorts ports;
    private final Listening listening = new Listening(this);
    private final Conversation conversation = new Conversation(this);
    private final Multicast multicast = new Multicast(this);
    private final AddressLookup lookup = new AddressLookup(this);
    private volatile ConnectionIdState state = ConnectionIdState.IDLE;
    private volatile ConnectionOptions options = ConnectionOptions.DEFAULT;
    private volatile Optional<InetSocketAddress> localAddress = Optional.empty();
    private volatile Optional<InetSocketAddress> peerAddress = Optional.empty();
    private volatile Optional<ConnectionRoute> route = Optional.empty();
    private volatile Optional<QueuePair> queuePair = Optional.empty();
    private int gidIndex;

    SoftConnectionId(SoftConnectionManager manager, SoftEventChannel channel, PortSpace portSpace) {
        super(channel);
        this.manager = manager;
        this.portSpace = portSpace;
        this.ports = new BoundPorts(manager);
    }

    /// An ID for somebody who asks a listener.
    SoftConnectionId(SoftConnectionId listener, CmDevice device) {
        this(listener.manager, listener.currentChannel(), listener.portSpace);
        use(device);
        this.options = listener.options;
        this.state = ConnectionIdState.REQUESTED;
    }

    // --- for the parts ---

    void raise(CmEventType type) {
        raise(SoftCmEvent.of(type, this).build());
    }

    void move(ConnectionIdState next) {
        state = next;
    }

    ConnectionRoute requireRoute(String verb) {
        return route.orElseThrow(
                () -> new VerbsException(Errno.EINVAL, verb, this + " has no route"));
    }

    void require(String verb, ConnectionIdState... states) {
        if (!List.of(states).contains(state)) {
            throw new VerbsException(
                    Errno.EINVAL,
                    verb,
                    "%s is in state %s, and %s is needed".formatted(this, state, List.of(states)));
        }
    }

    void addresses(InetSocketAddress local, InetSocketAddress peer, ConnectionRoute path) {
        localAddress = Optional.of(local);
        peerAddress = Optional.of(peer);
        route = Optional.of(path);
    }

    SoftConnectionManager softManager() {
        return manager;
    }

    /// A program takes an event off the channel; a request no longer counts against the backlog.
    void requestTaken(SoftCmEvent event) {
        if (event.type() == CmEventType.CONNECT_REQUEST
                && event.id() instanceof SoftConnectionId asked) {
            asked.conversation.taken();
        }
    }

    Conversation conversation() {
        return conversation;
    }

    // --- what it is ---

    @Override
    public ConnectionManager manager() {
        return manager;
    }

    @Override
    public EventChannel channel() {
        return currentChannel();
    }

    @Override
    public PortSpace portSpace() {
        return portSpace;
    }

    @Override
    public ConnectionIdState state() {
        return state;
    }

    @Override
    public Optional<DeviceContext> device() {
        return currentDevice().map(CmDevice::context);
    }

    @Override
    public Optional<InetSocketAddress> localAddress() {
        return localAddress;
    }

    @Override
    public Optional<InetSocketAddress> peerAddress() {
        return peerAddress;
    }

    @Override
    public Optional<ConnectionRoute> route() {
        return route;
    }

    @Override
    public Optional<QueuePair> queuePair() {
        return queuePair;
    }

    @Override
    public ConnectionOptions options() {
        return options;
    }

    @Override
    public void options(ConnectionOptions next) {
        owned(() -> options = next);
    }

    // --- address and path ---

    @Override
    public void bind(InetSocketAddress address) {
        InetAddress ip = requireResolved("bind", address);
        locked(
                () -> {
                    require("bind", ConnectionIdState.IDLE);
                    bindTo(ip, address.getPort());
                    state = ConnectionIdState.ADDR_BOUND;
                });
    }

    private void bindTo(InetAddress ip, int port) {
        if (ip.isAnyLocalAddress()) {
            int bound = ports.bindAll(portSpace, port, options.reuseAddress());
            localAddress = Optional.of(new InetSocketAddress(ip, bound));
            return;
        }
        RouteChoice choice =
                RouteChoice.having(manager.cmDevices(), ip)
                        .orElseThrow(
                                () ->
                                        new VerbsException(
                                                Errno.EADDRNOTAVAIL,
                                                "bind",
                                                "no device has the address "
                                                        + ip.getHostAddress()));
        int bound = ports.bind(choice, portSpace, port, options.reuseAddress());
        localAddress = Optional.of(new InetSocketAddress(ip, bound));
        use(choice);
    }

    private void use(RouteChoice choice) {
        use(choice.device());
        gidIndex = choice.gid().index();
    }

    private static InetAddress requireResolved(String verb, InetSocketAddress address) {
        InetAddress ip = address.getAddress();
        if (ip == null) {
            throw new VerbsException(
                    Errno.EINVAL, verb, "the name '%s' was not resolved".formatted(address));
        }
        return ip;
    }

    @Override
    public void listen(int backlog) {
        locked(
                () -> {
                    require("listen", ConnectionIdState.IDLE, ConnectionIdState.ADDR_BOUND);
                    if (state == ConnectionIdState.IDLE) {
                        bindTo(new InetSocketAddress(0).getAddress(), 0);
                    }
                    state = ConnectionIdState.LISTENING;
                });
        try {
            listening.start(localAddress.orElseThrow(), currentDevice(), backlog);
        } catch (VerbsException e) {
            locked(() -> state = ConnectionIdState.ADDR_BOUND);
            throw e;
        }
    }

    @Override
    public void resolveAddressInfo(String node, int port) {
        SoftCmEvent event = lookup.lookUp(node, port);
        owned(() -> raise(event));
    }

    @Override
    public List<AddressInfo> addressInfo() {
        return lookup.found();
    }

    @Override
    public void resolveAddress(InetSocketAddress destination, Duration timeout) {
        InetAddress ip = requireResolved("resolveAddress", destination);
        List<CmDevice> devices = currentDevice().map(List::of).orElseGet(manager::cmDevices);
        Optional<RouteChoice> choice = RouteChoice.to(devices, ip);
        locked(
                () -> {
                    require("resolveAddress", ConnectionIdState.IDLE, ConnectionIdState.ADDR_BOUND);
                    if (choice.isEmpty()) {
                        Cause why = new SetupCause.NoRoute(ip.getHostAddress(), names(devices));
                        raise(
                                SoftCmEvent.of(CmEventType.ADDR_ERROR, this)
                                        .status(-Errno.ENETUNREACH.number())
                                        .explanation(Explanation.of(why))
                                        .build());
                        return;
                    }
                    resolved(choice.get(), destination);
                });
    }

    private static String names(List<CmDevice> devices) {
        return devices.stream().map(it -> it.context().device().name()).toList().toString();
    }

    private void resolved(RouteChoice choice, InetSocketAddress destination) {
        InetAddress own = choice.gid().gid().toInetAddress();
        int port = localAddress.map(InetSocketAddress::getPort).orElse(0);
        if (state == ConnectionIdState.IDLE) {
            port = ports.bind(choice, portSpace, 0, options.reuseAddress());
        }
        if (currentDevice().isEmpty()) {
            use(choice);
        }
        localAddress = Optional.of(new InetSocketAddress(own, port));
        peerAddress = Optional.of(destination);
        state = ConnectionIdState.ADDR_RESOLVED;
        raise(CmEventType.ADDR_RESOLVED);
    }

    @Override
    public void resolveRoute(Duration timeout) {
        owned(
                () -> {
                    require("resolveRoute", ConnectionIdState.ADDR_RESOLVED);
                    DeviceContext context = requireDevice("resolveRoute").context();
                    route =
                            Optional.of(
                                    RouteChoice.route(
                                            context,
                                            localAddress.orElseThrow(),
                                            peerAddress.orElseThrow(),
                                            gidIndex,
                                            options));
                    state = ConnectionIdState.ROUTE_RESOLVED;
                    raise(CmEventType.ROUTE_RESOLVED);
                });
    }

    // --- connection ---

    @Override
    public QueuePair createQueuePair(ProtectionDomain domain, QueuePairOptions how) {
        QueuePair made = domain.createQueuePair(how);
        try {
            owned(
                    () -> {
                        CmDevice current = requireDevice("createQueuePair");
                        if (queuePair.isPresent()) {
                            throw new VerbsException(
                                    Errno.EINVAL, "createQueuePair", this + " has a queue pair");
                        }
                        if (portSpace.isDatagram()) {
                            current.prepareDatagramQueuePair(made, conversation.queueKey());
                        } else {
                            made.modify(Negotiation.toInit());
                        }
                        queuePair = Optional.of(made);
                    });
        } catch (VerbsException e) {
            made.close();
            throw e;
        }
        return made;
    }

    @Override
    public void connect(ConnectionParameters parameters) {
        owned(() -> conversation.connect(parameters));
    }

    @Override
    public void accept(ConnectionParameters parameters) {
        owned(() -> conversation.accept(parameters));
    }

    @Override
    public void reject(RejectReason reason, PrivateData privateData) {
        owned(() -> conversation.reject(reason, privateData));
    }

    @Override
    public void establish() {
        owned(conversation::establish);
    }

    @Override
    public QueuePairAttributes queuePairAttributes(QueuePairState next) {
        QueuePairAttributes[] result = new QueuePairAttributes[1];
        owned(() -> result[0] = conversation.attributes(next));
        return result[0];
    }

    @Override
    public void disconnect() {
        owned(conversation::disconnect);
    }

    @Override
    public void notifyOf(AsyncEventType event) {
        if (event == AsyncEventType.COMM_EST) {
            owned(conversation::communicationEstablished);
        }
    }

    @Override
    public void joinMulticast(InetAddress group) {
        owned(() -> multicast.join(group, gidIndex, conversation.queueKey()));
    }

    @Override
    public void leaveMulticast(InetAddress group) {
        owned(() -> multicast.leave(group));
    }

    @Override
    public void raise(int status) {
        owned(() -> raise(SoftCmEvent.of(CmEventType.USER, this).status(status).build()));
    }

    // --- life ---

    @Override
    public void migrate(EventChannel next) {
        if (!(next instanceof SoftEventChannel to) || !to.manager().equals(manager)) {
            throw new IllegalArgumentException("the event channel is of another manager");
        }
        to.requireOpen();
        owned(
                () -> {
                    requireAcknowledged("migrate");
                    moveEvents(to);
                });
    }

    /// The device was taken out.
    void onDeviceRemoved(CmDevice removed) {
        if (!isOn(removed)) {
            return;
        }
        owned(
                () -> {
                    state = ConnectionIdState.DEVICE_REMOVED;
                    Cause why = new Cause.DeviceRemoved(removed.context().device().name());
                    raise(
                            SoftCmEvent.of(CmEventType.DEVICE_REMOVAL, this)
                                    .status(-Errno.ENODEV.number())
                                    .explanation(Explanation.of(why))
                                    .build());
                });
    }

    /// The addresses of a device are others now.
    void onAddressChange(CmDevice changed) {
        Optional<InetAddress> own = localAddress.map(InetSocketAddress::getAddress);
        if (!isOn(changed) || own.isEmpty() || own.get().isAnyLocalAddress()) {
            return;
        }
        GlobalIdentifier gid = GlobalIdentifier.of(own.get());
        boolean isThere =
                changed.context().gidTable(PORT).stream().map(GidEntry::gid).anyMatch(gid::equals);
        if (!isThere) {
            Cause why = new SetupCause.AddressGone(own.get().getHostAddress());
            owned(
                    () ->
                            raise(
                                    SoftCmEvent.of(CmEventType.ADDR_CHANGE, this)
                                            .status(-Errno.EADDRNOTAVAIL.number())
                                            .explanation(Explanation.of(why))
                                            .build()));
        }
    }

    @Override
    public void close() {
        boolean[] isFirst = new boolean[1];
        owned(
                () -> {
                    if (state == ConnectionIdState.CLOSED) {
                        return;
                    }
                    requireAcknowledged("closeConnectionId");
                    multicast.leaveAll();
                    conversation.end();
                    state = ConnectionIdState.CLOSED;
                    isFirst[0] = true;
                });
        if (isFirst[0]) {
            dismantle();
        }
    }

    /// Takes back the request that this ID came with, unless the program has it.
    ///
    /// @return whether it was still there
    boolean withdraw() {
        if (currentChannel().remove(this).isEmpty()) {
            return false;
        }
        state = ConnectionIdState.CLOSED;
        manager.closed(this);
        return true;
    }

    private void dismantle() {
        listening.stop();
        for (SoftCmEvent event : currentChannel().remove(this)) {
            if (event.type() == CmEventType.CONNECT_REQUEST
                    && event.id() instanceof SoftConnectionId asked
                    && !asked.equals(this)) {
                asked.close();
            }
        }
        ports.release();
        manager.closed(this);
        // Refused when the program attached it to a group.
        queuePair.ifPresent(QueuePair::close);
    }

    @Override
    public String toString() {
        String from = localAddress.map(Object::toString).orElse("unbound");
        String to = peerAddress.map(it -> " to " + it).orElse("");
        return "ID of %s, %s%s, %s".formatted(portSpace, from, to, state);
    }
}
