package org.softverbs.soft.cm;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.PriorityQueue;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;
import org.softverbs.soft.wire.mad.CmAttribute;
import org.softverbs.soft.wire.mad.MadHeaderFlyweight;
import org.softverbs.verbs.GlobalIdentifier;

/// Engines on a wire for management datagrams that loses, doubles and delays as its fault says,
/// under a clock that only the test moves.
final class CmBench {

    static final long MILLISECOND = 1_000_000L;
    static final long SECOND = 1_000 * MILLISECOND;

    /// One way of a datagram.
    static final long DELAY = MILLISECOND;

    /// A datagram under way.
    record Mad(
            GlobalIdentifier from, GlobalIdentifier to, MemorySegment bytes, long at, long number) {

        CmAttribute attribute() {
            return Objects.requireNonNull(CmAttribute.of(header().attributeId()));
        }

        MadHeaderFlyweight header() {
            return new MadHeaderFlyweight().wrap(bytes, 0);
        }

        MemorySegment message() {
            return bytes.asSlice(MadHeaderFlyweight.LENGTH);
        }

        int word(int offset) {
            return message()
                    .get(ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN), offset);
        }
    }

    /// What becomes of a datagram: how often it arrives.
    interface Fault {
        int copies(Mad mad);
    }

    private final PriorityQueue<Mad> wire =
            new PriorityQueue<>(
                    (left, right) ->
                            left.at() == right.at()
                                    ? Long.compare(left.number(), right.number())
                                    : Long.compare(left.at(), right.at()));
    private final Map<GlobalIdentifier, CmNode> nodes = new HashMap<>();
    final RandomGenerator random;
    final List<Mad> sent = new ArrayList<>();
    boolean keepsSent = true;
    Fault fault = mad -> 1;
    long now = SECOND;
    private long number;

    CmBench(long seed) {
        random = RandomGeneratorFactory.of("L64X128MixRandom").create(seed);
    }

    static GlobalIdentifier gid(String address) {
        try {
            return GlobalIdentifier.of(InetAddress.getByName(address));
        } catch (UnknownHostException e) {
            throw new IllegalArgumentException(address, e);
        }
    }

    CmNode node(String address) {
        return node(address, CmLimits.DEFAULT);
    }

    CmNode node(String address, CmLimits limits) {
        CmNode node = new CmNode(this, gid(address), limits);
        nodes.put(node.gid, node);
        return node;
    }

    /// A datagram goes onto the wire.
    void transmit(GlobalIdentifier from, GlobalIdentifier to, MemorySegment bytes) {
        Mad mad = new Mad(from, to, bytes, now + DELAY, number++);
        if (keepsSent) {
            sent.add(mad);
        }
        int copies = fault.copies(mad);
        for (int i = 0; i < copies; i++) {
            wire.add(new Mad(from, to, bytes, now + DELAY * (i + 1), number++));
        }
    }

    /// Goes on until nothing is under way, without letting a timer act.
    void settle() {
        while (!wire.isEmpty()) {
            step(Long.MAX_VALUE);
        }
    }

    /// Moves the clock on by `nanos`, with all that happens until then.
    void advance(long nanos) {
        long until = now + nanos;
        while (nextTime() <= until) {
            step(until);
        }
        now = until;
    }

    /// Moves the clock on until nothing is under way and no timer runs.
    void drain() {
        long limit = now + 24 * 3600 * SECOND;
        while (nextTime() != CmEngine.NO_DEADLINE) {
            assertThat(now).as("virtual time of the bench").isLessThan(limit);
            step(nextTime());
        }
    }

    private long nextTime() {
        long next = wire.isEmpty() ? CmEngine.NO_DEADLINE : wire.peek().at();
        for (CmNode node : nodes.values()) {
            next = Math.min(next, node.engine.nextDeadline());
        }
        return next;
    }

    private void step(long until) {
        Mad mad = wire.peek();
        long timers = CmEngine.NO_DEADLINE;
        for (CmNode node : nodes.values()) {
            timers = Math.min(timers, node.engine.nextDeadline());
        }
        if (mad != null && mad.at() <= timers) {
            wire.poll();
            now = Math.max(now, mad.at());
            CmNode node = nodes.get(mad.to());
            if (node != null) {
                node.receive(mad.bytes(), mad.from());
            }
        } else if (timers <= until) {
            now = Math.max(now, timers);
            for (CmNode node : List.copyOf(nodes.values())) {
                node.engine.onTimer(now);
            }
        }
    }

    List<CmAttribute> attributes() {
        return sent.stream().map(Mad::attribute).toList();
    }
}
