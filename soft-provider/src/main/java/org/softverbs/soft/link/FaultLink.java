package org.softverbs.soft.link;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.softverbs.soft.host.Clock;
import org.softverbs.soft.packet.OutboundPacket;

/// Does harm to the packets that are sent through it, drawn from a seed: the same packets meet the
/// same fate every time.
public final class FaultLink extends FilterLink {

    /// What can happen to a packet.
    public enum Fault {
        DROP,
        DUPLICATE,
        REORDER,
        CORRUPT,
        DELAY
    }

    /// How long a delayed packet is held back.
    public static final Duration DELAY = Duration.ofMillis(2);

    /// Packets that may overtake a reordered one.
    private static final int OVERTAKERS = 4;

    /// Packets that may be held back at once; more are sent in order.
    private static final int HELD = 256;

    private record Held(OutboundPacket packet, long dueNanos, long dueCount) {}

    private final FaultPlan plan;
    private final SplittableRandom random;
    private final Clock clock;
    private final List<Held> held = new ArrayList<>();
    private final ArrayDeque<OutboundPacket> spare = new ArrayDeque<>();
    private final Map<Fault, Long> done = new EnumMap<>(Fault.class);
    private long sent;

    public FaultLink(PacketLink inner, FaultPlan plan, long seed, Clock clock) {
        super(inner);
        this.plan = plan;
        this.random = new SplittableRandom(seed);
        this.clock = clock;
    }

    /// How often each fault was done so far.
    public long count(Fault fault) {
        return done.getOrDefault(fault, 0L);
    }

    @Override
    public void send(OutboundPacket packet) {
        sent++;
        if (happens(Fault.DROP, plan.drop())) {
            return;
        }
        if (happens(Fault.CORRUPT, plan.corrupt())) {
            packet.damageBit(random.nextLong(Long.MAX_VALUE));
        }
        boolean twice = happens(Fault.DUPLICATE, plan.duplicate());
        if (twice) {
            inner().send(packet);
        }
        if (held.size() < HELD && happens(Fault.REORDER, plan.reorder())) {
            hold(packet, Long.MAX_VALUE, sent + 1 + random.nextInt(OVERTAKERS));
        } else if (held.size() < HELD && happens(Fault.DELAY, plan.delay())) {
            hold(packet, clock.nanoTime() + DELAY.toNanos(), Long.MAX_VALUE);
        } else if (!twice || inner().hasRoom()) {
            inner().send(packet);
        }
    }

    private boolean happens(Fault fault, double probability) {
        if (probability == 0 || random.nextDouble() >= probability) {
            return false;
        }
        done.merge(fault, 1L, Long::sum);
        return true;
    }

    private void hold(OutboundPacket packet, long dueNanos, long dueCount) {
        OutboundPacket copy = spare.isEmpty() ? new OutboundPacket() : spare.removeFirst();
        if (copy.copyFrom(packet)) {
            held.add(new Held(copy, dueNanos, dueCount));
        } else {
            spare.add(copy);
        }
    }

    /// A pause on the link lets reordered packets go: nothing is coming that could overtake them.
    @Override
    public int poll(LinkReceiver receiver, long waitNanos) {
        long wait = held.isEmpty() ? waitNanos : Math.min(waitNanos, DELAY.toNanos());
        int received = inner().poll(receiver, wait);
        release(received == 0);
        return received;
    }

    @Override
    public void flush() {
        release(false);
        super.flush();
    }

    private void release(boolean idle) {
        if (held.isEmpty()) {
            return;
        }
        long now = clock.nanoTime();
        boolean any = false;
        for (int i = 0; i < held.size() && inner().hasRoom(); ) {
            Held candidate = held.get(i);
            boolean overtaken = candidate.dueCount() <= sent;
            boolean stranded = idle && candidate.dueCount() != Long.MAX_VALUE;
            if (overtaken || stranded || candidate.dueNanos() <= now) {
                held.remove(i);
                inner().send(candidate.packet());
                spare.add(candidate.packet());
                any = true;
            } else {
                i++;
            }
        }
        if (any) {
            inner().flush();
        }
    }
}
