package org.softverbs.soft.device;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import org.softverbs.sanitized.Sanitized;
import org.softverbs.soft.host.Host;
import org.softverbs.soft.host.RandomSource;
import org.softverbs.soft.link.FaultLink;
import org.softverbs.soft.link.FaultPlan;
import org.softverbs.soft.link.InProcessNetwork;
import org.softverbs.soft.link.PacketLink;
import org.softverbs.verbs.AddressVector;
import org.softverbs.verbs.GlobalIdentifier;
import org.softverbs.verbs.Mtu;
import org.softverbs.verbs.QueuePairAttributes;
import org.softverbs.verbs.QueuePairState;
import org.softverbs.verbs.RdmaDevice;
import org.softverbs.verbs.ReceiveWorkRequest;
import org.softverbs.verbs.SendFlag;
import org.softverbs.verbs.SendWorkRequest;
import org.softverbs.verbs.Sge;
import org.softverbs.verbs.WorkCompletion;
import org.softverbs.verbs.WorkCompletionStatus;

/// Two nodes, a network that does harm, and a mix of operations, all from one seed; and what must
/// come of it.
///
/// The left node posts, the right one serves. Each request has memory of its own on both sides, so
/// that whatever is placed twice, too late or elsewhere is seen in the end.
final class LossWorld {

    /// Long enough that a READ at the smallest MTU is asked for in parts after a loss.
    private static final int SLOT = 12_288;
    private static final int MOST_REQUESTS = 24;
    private static final int COUNTER = MOST_REQUESTS * SLOT;
    private static final int MEMORY = COUNTER + 64;
    private static final byte EMPTY = (byte) 0xee;
    private static final int MOST_STEPS = 20_000;

    private final SplittableRandom random;
    private final ManualClock clock = new ManualClock();
    private final DeviceOwner owner = new DeviceOwner(ProgressMode.MANUAL, clock);
    private final InProcessNetwork network = new InProcessNetwork(9000);
    private final Host host;
    private final TestNode left;
    private final TestNode right;
    private final List<Planned> plan = new ArrayList<>();
    private final List<WorkCompletion> sent = new ArrayList<>();
    private final List<WorkCompletion> received = new ArrayList<>();
    private boolean healed;

    /// What was posted, and with what it must end.
    private record Planned(
            SendWorkRequest request, int length, int slot, boolean signaled, long operand) {}

    LossWorld(long seed) {
        random = new SplittableRandom(seed);
        host = Sanitized.host(clock, RandomSource.seeded(new SplittableRandom(seed)));
        left = open(1, seed);
        right = open(2, seed);
        connect();
    }

    private TestNode open(int number, long seed) {
        FaultPlan faults =
                new FaultPlan(
                        random.nextDouble(0.3),
                        random.nextBoolean() ? random.nextDouble(0.5) : 0,
                        random.nextBoolean() ? random.nextDouble(0.3) : 0,
                        random.nextBoolean() ? random.nextDouble(0.05) : 0,
                        random.nextBoolean() ? random.nextDouble(0.3) : 0);
        PacketLink sound = network.join(new GlobalIdentifier(0, 0xffff_0a00_0000L | number));
        FaultLink faulty = new FaultLink(sound, faults, seed * 2 + number, clock);
        SoftDevice device =
                SoftDevice.open(
                        new RdmaDevice("loss" + number, number, "in-process"),
                        host,
                        new HealingLink(faulty, sound, () -> healed),
                        owner,
                        DeviceLimits.standard());
        TestNode node = new TestNode(device, MEMORY);
        node.region.segment().fill(EMPTY);
        return node;
    }

    private void connect() {
        Mtu mtu = Mtu.values()[random.nextInt(Mtu.values().length)];
        int leftPsn = startingPsn();
        int rightPsn = startingPsn();
        int reads = 1 + random.nextInt(8);
        for (TestNode node : List.of(left, right)) {
            TestNode peer = node == left ? right : left;
            node.queuePair.modify(QueuePairAttributes.toInit(TestNode.ALL_ACCESS));
            node.queuePair.modify(
                    QueuePairAttributes.builder()
                            .state(QueuePairState.RTR)
                            .addressVector(
                                    new AddressVector(peer.context.gidTable(1).getFirst().gid(), 0))
                            .destinationQueuePairNumber(peer.queuePair.number())
                            .receivePacketSequenceNumber(node == left ? rightPsn : leftPsn)
                            .pathMtu(mtu)
                            .maxDestinationReadAtomic(reads)
                            .minRnrTimer(1 + random.nextInt(20))
                            .build());
            node.queuePair.modify(
                    QueuePairAttributes.builder()
                            .state(QueuePairState.RTS)
                            .sendPacketSequenceNumber(node == left ? leftPsn : rightPsn)
                            .timeout(8 + random.nextInt(6))
                            .retryCount(7)
                            .rnrRetry(7)
                            .maxReadAtomic(1 + random.nextInt(reads))
                            .build());
        }
    }

    private int startingPsn() {
        return random.nextInt(4) == 0 ? 0xff_ffff - random.nextInt(200) : random.nextInt(1 << 24);
    }

    /// Posts, lets the network do harm, heals it, and checks.
    ///
    /// @return how the first request that failed did, or success
    WorkCompletionStatus run() {
        int count = 1 + random.nextInt(MOST_REQUESTS);
        right.region.segment().set(ValueLayout.JAVA_LONG, COUNTER, 0);
        int receives = 0;
        for (int i = 0; i < count; i++) {
            Planned planned = plan(i);
            plan.add(planned);
            receives += takesReceive(planned) ? 1 : 0;
        }
        int early = receives == 0 ? 0 : random.nextInt(receives + 1);
        postReceives(0, early);
        for (Planned planned : plan) {
            left.queuePair.postSend(planned.request());
            step();
        }
        chaos();
        postReceives(early, receives);
        chaos();
        healed = true;
        finish();
        return check();
    }

    /// Adds what both devices counted to totals.
    void addCounters(Map<String, Long> totals) {
        for (TestNode node : List.of(left, right)) {
            node.context.counters().forEach((name, value) -> totals.merge(name, value, Long::sum));
        }
    }

    private void postReceives(int from, int to) {
        int slot = 0;
        int index = 0;
        for (Planned planned : plan) {
            if (takesReceive(planned)) {
                if (index >= from && index < to) {
                    right.queuePair.postReceive(
                            new ReceiveWorkRequest(
                                    index, right.region.element((long) slot * SLOT, SLOT)));
                }
                index++;
            }
            slot++;
        }
    }

    private static boolean takesReceive(Planned planned) {
        return switch (planned.request()) {
            case SendWorkRequest.Send send -> true;
            case SendWorkRequest.SendWithImmediate send -> true;
            case SendWorkRequest.RdmaWriteWithImmediate write -> true;
            default -> false;
        };
    }

    private Planned plan(int index) {
        int length = length();
        boolean signaled = random.nextInt(4) != 0;
        Set<SendFlag> flags = EnumSet.noneOf(SendFlag.class);
        if (signaled) {
            flags.add(SendFlag.SIGNALED);
        }
        if (random.nextInt(8) == 0) {
            flags.add(SendFlag.FENCE);
        }
        long slot = (long) index * SLOT;
        long remote = right.region.address() + slot;
        int key = right.region.remoteKey();
        List<Sge> elements = elements(slot, length);
        List<Sge> eight = List.of(left.region.element(slot, 8));
        long counter = right.region.address() + COUNTER;
        int add = 1 + random.nextInt(1000);
        SendWorkRequest request =
                switch (random.nextInt(8)) {
                    case 0 -> new SendWorkRequest.Send(index, elements, flags);
                    case 1 -> new SendWorkRequest.SendWithImmediate(index, elements, index, flags);
                    case 2, 3 -> new SendWorkRequest.RdmaWrite(index, elements, remote, key, flags);
                    case 4 ->
                            new SendWorkRequest.RdmaWriteWithImmediate(
                                    index, elements, remote, key, index, flags);
                    case 5, 6 -> new SendWorkRequest.RdmaRead(index, elements, remote, key, flags);
                    default ->
                            new SendWorkRequest.FetchAndAdd(index, eight, counter, key, add, flags);
                };
        // Where the data comes from is a pattern, where it goes is empty.
        boolean read = request instanceof SendWorkRequest.RdmaRead;
        MemorySegment source = (read ? right : left).region.segment();
        for (int i = 0; i < length; i++) {
            source.set(ValueLayout.JAVA_BYTE, slot + i, TestNode.pattern(index + 1, i));
        }
        return new Planned(request, length, index, signaled, add);
    }

    private List<Sge> elements(long slot, int length) {
        int cut = length == 0 ? 0 : random.nextInt(length + 1);
        return random.nextBoolean()
                ? List.of(left.region.element(slot, length))
                : List.of(
                        left.region.element(slot, cut),
                        left.region.element(slot + cut, (long) length - cut));
    }

    private int length() {
        return switch (random.nextInt(4)) {
            case 0 -> random.nextInt(5);
            case 1 -> 255 + random.nextInt(3);
            case 2 -> random.nextInt(2000);
            default -> random.nextInt(SLOT);
        };
    }

    private void chaos() {
        int steps = random.nextInt(40);
        for (int i = 0; i < steps; i++) {
            step();
        }
    }

    private void step() {
        owner.progress();
        clock.advance(Duration.ofNanos(random.nextInt(500_000)));
        poll();
    }

    private void poll() {
        sent.addAll(left.pollSends());
        received.addAll(right.pollReceives());
        assertThat(left.pollReceives()).isEmpty();
        assertThat(right.pollSends()).isEmpty();
    }

    /// T3: without harm everything ends before long.
    private void finish() {
        long last = plan.getLast().request().id();
        for (int i = 0; i < MOST_STEPS; i++) {
            step();
            boolean over = !left.state().equals(QueuePairState.RTS);
            boolean all = sent.stream().anyMatch(done -> done.workRequestId() == last);
            if (over || all || (!plan.getLast().signaled() && i > 2000)) {
                for (int more = 0; more < 200; more++) {
                    step();
                }
                return;
            }
        }
        throw new AssertionError("no progress after healing: " + sent);
    }

    private WorkCompletionStatus check() {
        assertThat(left.context.counters().get("engine_faults")).isZero();
        assertThat(right.context.counters().get("engine_faults")).isZero();
        int done = checkCompletions();
        for (int i = 0; i < done; i++) {
            checkDelivered(plan.get(i));
        }
        checkReceives(done);
        checkCounter(done);
        return done == plan.size() ? WorkCompletionStatus.SUCCESS : statusOf(done);
    }

    private WorkCompletionStatus statusOf(int index) {
        return sent.stream()
                .filter(completion -> completion.workRequestId() == index)
                .findFirst()
                .orElseThrow(() -> new AssertionError("no completion of failed " + index))
                .status();
    }

    /// C1, C2.
    ///
    /// @return requests that were carried out
    private int checkCompletions() {
        int at = 0;
        int done = plan.size();
        for (Planned planned : plan) {
            long id = planned.request().id();
            boolean here = at < sent.size() && sent.get(at).workRequestId() == id;
            if (!here) {
                assertThat(planned.signaled() || done < plan.size())
                        .as("completion of %s among %s", id, sent)
                        .isFalse();
                continue;
            }
            WorkCompletion completion = sent.get(at++);
            if (!completion.isSuccess() && done == plan.size()) {
                done = (int) id;
            }
            assertThat(completion.isSuccess()).isEqualTo(done == plan.size());
            if (completion.isSuccess()) {
                assertThat(planned.signaled()).isTrue();
            }
            if (done < id) {
                assertThat(completion.status()).isEqualTo(WorkCompletionStatus.WR_FLUSH_ERR);
            }
        }
        assertThat(at).as("completions of nothing: %s", sent).isEqualTo(sent.size());
        return done;
    }

    private void checkDelivered(Planned planned) {
        if (planned.request() instanceof SendWorkRequest.FetchAndAdd) {
            return;
        }
        long at = (long) planned.slot() * SLOT;
        MemorySegment here = left.region.segment();
        MemorySegment there = right.region.segment();
        for (int i = 0; i < SLOT; i++) {
            byte expected = i < planned.length() ? TestNode.pattern(planned.slot() + 1, i) : EMPTY;
            if (here.get(ValueLayout.JAVA_BYTE, at + i) != expected
                    || there.get(ValueLayout.JAVA_BYTE, at + i) != expected) {
                throw new AssertionError("byte " + i + " of " + planned);
            }
        }
    }

    /// Each message once and in order; the one that failed may have arrived.
    private void checkReceives(int done) {
        List<Planned> expected = plan.stream().filter(LossWorld::takesReceive).toList();
        int index = 0;
        for (WorkCompletion completion : received) {
            if (!completion.isSuccess()) {
                continue;
            }
            assertThat(completion.workRequestId()).isEqualTo(index);
            Planned planned = expected.get(index);
            assertThat(completion.byteLength()).isEqualTo(planned.length());
            if (!(planned.request() instanceof SendWorkRequest.Send)) {
                assertThat(completion.immediate()).hasValue(planned.slot());
            }
            index++;
        }
        long least = expected.stream().filter(planned -> planned.slot() < done).count();
        assertThat((long) index).isGreaterThanOrEqualTo(least);
    }

    /// Every add that succeeded once, none twice; old values are those of the order.
    private void checkCounter(int done) {
        long sum = 0;
        List<Long> possible = new ArrayList<>(List.of(0L));
        for (Planned planned : plan) {
            if (planned.request() instanceof SendWorkRequest.FetchAndAdd) {
                if (planned.slot() < done) {
                    long old =
                            left.region
                                    .segment()
                                    .get(ValueLayout.JAVA_LONG, (long) planned.slot() * SLOT);
                    assertThat(old).as("old value of %s", planned).isEqualTo(sum);
                    possible.clear();
                }
                sum += planned.operand();
                possible.add(sum);
            }
        }
        assertThat(right.region.segment().get(ValueLayout.JAVA_LONG, COUNTER)).isIn(possible);
    }
}
