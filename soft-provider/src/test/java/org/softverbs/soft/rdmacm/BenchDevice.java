package org.softverbs.soft.rdmacm;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.net.InetAddress;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.IntSupplier;
import org.softverbs.soft.cm.CmEngine;
import org.softverbs.soft.cm.CmIdentity;
import org.softverbs.soft.cm.CmLimits;
import org.softverbs.soft.cm.CmOutput;
import org.softverbs.verbs.DeviceContext;
import org.softverbs.verbs.Errno;
import org.softverbs.verbs.GlobalIdentifier;
import org.softverbs.verbs.QueuePair;
import org.softverbs.verbs.VerbsException;

/// A device of a fabric whose management datagrams go over a wire of the test: at once, to whoever
/// has the address. One lock owns all of them.
final class BenchDevice implements CmDevice, CmIdentity, CmOutput {

    /// The devices of a test, and what is under way between them.
    static final class Wire {

        private record Mad(GlobalIdentifier from, GlobalIdentifier to, MemorySegment bytes) {}

        final ReentrantLock owner = new ReentrantLock();
        final Map<GlobalIdentifier, BenchDevice> devices = new LinkedHashMap<>();
        final SplittableRandom random = new SplittableRandom(11);
        private final Deque<Mad> underWay = new ArrayDeque<>();

        /// The messages that arrived.
        final List<MemorySegment> delivered = new ArrayList<>();

        boolean isCut;
        IntSupplier copies = () -> 1;
        long now = 1;
        private boolean isDelivering;

        BenchDevice join(DeviceContext context) {
            return new BenchDevice(this, context);
        }

        private void deliver() {
            if (isDelivering) {
                return;
            }
            isDelivering = true;
            try {
                Mad mad = underWay.poll();
                while (mad != null) {
                    BenchDevice to = devices.get(mad.to());
                    if (to != null && !isCut) {
                        delivered.add(mad.bytes());
                        to.engine.onDatagram(
                                mad.bytes(), 0, mad.bytes().byteSize(), mad.to(), mad.from(), now);
                    }
                    mad = underWay.poll();
                }
            } finally {
                isDelivering = false;
            }
        }

        /// Moves the clock on, and lets timers act.
        void advance(long nanos) {
            owner.lock();
            try {
                long until = now + nanos;
                long next = next();
                while (next <= until) {
                    now = Math.max(now, next);
                    devices.values().forEach(it -> it.engine.onTimer(now));
                    deliver();
                    next = next();
                }
                now = until;
            } finally {
                owner.unlock();
            }
        }

        private long next() {
            return devices.values().stream()
                    .mapToLong(it -> it.engine.nextDeadline())
                    .min()
                    .orElse(CmEngine.NO_DEADLINE);
        }
    }

    final Wire wire;
    final DeviceContext context;
    final GlobalIdentifier gid;
    final CmEngine engine;
    final List<GlobalIdentifier> groups = new ArrayList<>();
    private final PortBindings ports = new PortBindings();
    private final MemorySegment datagram = MemorySegment.ofArray(new byte[256]);

    private BenchDevice(Wire wire, DeviceContext context) {
        this.wire = wire;
        this.context = context;
        this.gid = context.gidTable(1).getFirst().gid();
        this.engine = new CmEngine(this, CmLimits.DEFAULT, this);
        wire.devices.put(gid, this);
    }

    @Override
    public DeviceContext context() {
        return context;
    }

    @Override
    public CmEngine engine() {
        return engine;
    }

    @Override
    public PortBindings ports() {
        return ports;
    }

    @Override
    public void run(Runnable action) {
        wire.owner.lock();
        try {
            action.run();
            wire.deliver();
        } finally {
            wire.owner.unlock();
        }
    }

    @Override
    public long nanoTime() {
        return wire.now;
    }

    @Override
    public int randomBits(int bits) {
        return wire.random.nextInt() >>> (Integer.SIZE - bits);
    }

    @Override
    public void onWait() {}

    @Override
    public Optional<InetAddress> sourceFor(InetAddress destination) {
        return Optional.empty();
    }

    @Override
    public void prepareDatagramQueuePair(QueuePair queuePair, int queueKey) {
        throw new VerbsException(Errno.EOPNOTSUPP, "createQueuePair", "the bench has no UD");
    }

    @Override
    public void joinGroup(Optional<QueuePair> queuePair, GlobalIdentifier group) {
        groups.add(group);
    }

    @Override
    public void leaveGroup(Optional<QueuePair> queuePair, GlobalIdentifier group) {
        groups.remove(group);
    }

    @Override
    public long guid() {
        return gid.low();
    }

    @Override
    public boolean hasGid(GlobalIdentifier other) {
        return gid.equals(other);
    }

    @Override
    public int maxPathMtu() {
        return context.queryPort(1).activeMtu().number();
    }

    @Override
    public boolean hasRoom() {
        return true;
    }

    @Override
    public MemorySegment datagram() {
        return datagram;
    }

    @Override
    public void send(GlobalIdentifier local, GlobalIdentifier remote) {
        MemorySegment copy = MemorySegment.ofArray(datagram.toArray(ValueLayout.JAVA_BYTE));
        int copies = wire.copies.getAsInt();
        for (int i = 0; i < copies; i++) {
            wire.underWay.add(new Wire.Mad(local, remote, copy));
        }
    }
}
