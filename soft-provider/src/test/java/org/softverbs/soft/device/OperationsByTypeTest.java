package org.softverbs.soft.device;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.softverbs.dma.DmaAddressing;
import org.softverbs.dma.DmaDirection;
import org.softverbs.dma.DmaMapping;
import org.softverbs.dma.PhysicalMemoryRequest;
import org.softverbs.verbs.AccessFlag;
import org.softverbs.verbs.AddressHandle;
import org.softverbs.verbs.AddressVector;
import org.softverbs.verbs.AsyncEvent;
import org.softverbs.verbs.AsyncEventType;
import org.softverbs.verbs.CompletionQueue;
import org.softverbs.verbs.DatagramDestination;
import org.softverbs.verbs.FastRegion;
import org.softverbs.verbs.MemoryWindow;
import org.softverbs.verbs.MemoryWindowBinding;
import org.softverbs.verbs.MemoryWindowType;
import org.softverbs.verbs.Mtu;
import org.softverbs.verbs.PlacementType;
import org.softverbs.verbs.PrivilegedDomain;
import org.softverbs.verbs.QueuePair;
import org.softverbs.verbs.QueuePairAttributes;
import org.softverbs.verbs.QueuePairOptions;
import org.softverbs.verbs.QueuePairState;
import org.softverbs.verbs.QueuePairType;
import org.softverbs.verbs.ReceiveWorkRequest;
import org.softverbs.verbs.SelectivityLevel;
import org.softverbs.verbs.SendFlag;
import org.softverbs.verbs.SendWorkRequest;
import org.softverbs.verbs.Sge;
import org.softverbs.verbs.SharedReceiveQueue;
import org.softverbs.verbs.SharedReceiveQueueOptions;
import org.softverbs.verbs.VerbsException;
import org.softverbs.verbs.WorkCompletion;
import org.softverbs.verbs.XrcDomain;

/// Every kind of send request on every type of queue pair: it succeeds, or is refused at the post
/// or in its completion, and the device goes on.
class OperationsByTypeTest {

    private static final Set<SendFlag> SIGNALED = EnumSet.of(SendFlag.SIGNALED);
    private static final int PAGE = 4096;
    private static final int LENGTH = 8;
    private static final int KEY = 1;

    /// Of XRC_SEND first the request itself, then as one to a shared receive queue; `none` when
    /// there is no such request.
    private static final String TABLE =
            """
            Send, SUCCESS, SUCCESS, EINVAL, EINVAL, SUCCESS, EINVAL
            SendWithImmediate, SUCCESS, SUCCESS, EINVAL, EINVAL, SUCCESS, EINVAL
            SendWithInvalidate, SUCCESS, LOC_QP_OP_ERR, LOC_QP_OP_ERR, EINVAL, SUCCESS, EINVAL
            SendDatagram, EINVAL, EINVAL, SUCCESS, EINVAL, none, EINVAL
            SendDatagramWithImmediate, EINVAL, EINVAL, SUCCESS, EINVAL, none, EINVAL
            RdmaWrite, SUCCESS, SUCCESS, LOC_QP_OP_ERR, EINVAL, SUCCESS, EINVAL
            RdmaWriteWithImmediate, SUCCESS, SUCCESS, LOC_QP_OP_ERR, EINVAL, SUCCESS, EINVAL
            RdmaRead, SUCCESS, LOC_QP_OP_ERR, LOC_QP_OP_ERR, EINVAL, SUCCESS, EINVAL
            CompareAndSwap, SUCCESS, LOC_QP_OP_ERR, LOC_QP_OP_ERR, EINVAL, SUCCESS, EINVAL
            FetchAndAdd, SUCCESS, LOC_QP_OP_ERR, LOC_QP_OP_ERR, EINVAL, SUCCESS, EINVAL
            AtomicWrite, SUCCESS, LOC_QP_OP_ERR, LOC_QP_OP_ERR, EINVAL, SUCCESS, EINVAL
            Flush, SUCCESS, LOC_QP_OP_ERR, LOC_QP_OP_ERR, EINVAL, SUCCESS, EINVAL
            RdmaReadWithInvalidate, EOPNOTSUPP, EOPNOTSUPP, EOPNOTSUPP, EOPNOTSUPP, none, EOPNOTSUPP
            BindMemoryWindow, SUCCESS, SUCCESS, LOC_QP_OP_ERR, SUCCESS, none, EINVAL
            LocalInvalidate, SUCCESS, SUCCESS, LOC_QP_OP_ERR, SUCCESS, none, EINVAL
            RegisterMemory, SUCCESS, SUCCESS, LOC_QP_OP_ERR, SUCCESS, none, EINVAL
            """;

    private final InProcessPair pair =
            new InProcessPair(1 << 16, Mtu.MTU_1024, DmaAddressing.PHYSICAL);
    private final TestNode left = pair.left;
    private final TestNode right = pair.right;

    private final List<DmaMapping> mappings = new ArrayList<>();

    @AfterEach
    void unmap() {
        mappings.forEach(DmaMapping::close);
    }

    @Test
    void a13ShouldKnowEveryKindOfRequest() {
        List<String> kinds = new ArrayList<>(List.of("ToSharedReceiveQueue"));
        TABLE.lines().map(line -> line.substring(0, line.indexOf(','))).forEach(kinds::add);
        assertThat(kinds).containsExactlyInAnyOrderElementsOf(leaves(SendWorkRequest.class));
    }

    private static List<String> leaves(Class<?> type) {
        if (type.isRecord()) {
            return List.of(type.getSimpleName());
        }
        List<String> names = new ArrayList<>();
        for (Class<?> permitted : type.getPermittedSubclasses()) {
            names.addAll(leaves(permitted));
        }
        return names;
    }

    @ParameterizedTest
    @CsvSource(textBlock = TABLE)
    void a13ShouldCarryOutOrRefuseEveryKindOnEveryType(
            String kind,
            String rc,
            String uc,
            String ud,
            String xrc,
            String toQueue,
            String target) {
        assertThat(outcome(kind, QueuePairType.RC, false)).as("RC").isEqualTo(rc);
        assertThat(outcome(kind, QueuePairType.UC, false)).as("UC").isEqualTo(uc);
        assertThat(outcome(kind, QueuePairType.UD, false)).as("UD").isEqualTo(ud);
        assertThat(outcome(kind, QueuePairType.XRC_SEND, false)).as("XRC_SEND").isEqualTo(xrc);
        assertThat(outcome(kind, QueuePairType.XRC_SEND, true)).as("to queue").isEqualTo(toQueue);
        assertThat(outcome(kind, QueuePairType.XRC_RECV, false)).as("XRC_RECV").isEqualTo(target);
    }

    /// Two fresh queue pairs in RTS, the left one of the type under test.
    ///
    /// @param queue number of a shared receive queue of the right one
    private record Ends(QueuePair sender, QueuePair receiver, int queue) {}

    private String outcome(String kind, QueuePairType type, boolean toQueue) {
        Ends ends = ends(type);
        SendWorkRequest request = request(kind, ends);
        if (toQueue) {
            try {
                request = new SendWorkRequest.ToSharedReceiveQueue(request, ends.queue());
            } catch (IllegalArgumentException none) {
                return "none";
            }
        }
        String outcome = post(ends.sender(), request);
        if (!outcome.equals("SUCCESS")) {
            assertThat(right.pollReceives()).isEmpty();
            assertThat(right.region.segment().mismatch(TestNode.allocate(1 << 16))).isEqualTo(-1);
        }
        assertThat(ends.receiver().state()).isEqualTo(QueuePairState.RTS);
        shouldBeWell(left);
        shouldBeWell(right);
        ends.sender().close();
        ends.receiver().close();
        right.region.segment().fill((byte) 0);
        right.pollReceives();
        return outcome;
    }

    private String post(QueuePair sender, SendWorkRequest request) {
        try {
            sender.postSend(request);
        } catch (VerbsException refused) {
            assertThat(sender.state()).isEqualTo(QueuePairState.RTS);
            return refused.errno().toString();
        }
        pair.settle();
        List<WorkCompletion> done = left.pollSends();
        assertThat(done).hasSize(1);
        assertThat(done.getFirst().queuePairNumber()).isEqualTo(sender.number());
        assertThat(done.getFirst().isSuccess()).isEqualTo(sender.state() == QueuePairState.RTS);
        return done.getFirst().status().toString();
    }

    /// A connection of the device between the same nodes goes on.
    private void shouldBeWell(TestNode node) {
        TestNode peer = node.equals(left) ? right : left;
        assertThat(VerbSides.statuses(write(node, peer))).isEqualTo("[SUCCESS]");
        Optional<AsyncEvent> event = nextEvent(node);
        while (event.isPresent()) {
            assertThat(event.get().type()).isNotEqualTo(AsyncEventType.DEVICE_FATAL);
            event = nextEvent(node);
        }
    }

    private List<WorkCompletion> write(TestNode from, TestNode to) {
        from.queuePair.postSend(
                new SendWorkRequest.RdmaWrite(
                        1,
                        List.of(from.region.element(0, LENGTH)),
                        to.region.address() + PAGE,
                        to.region.remoteKey(),
                        SIGNALED));
        pair.settle();
        return from.pollSends();
    }

    private static Optional<AsyncEvent> nextEvent(TestNode node) {
        try {
            return node.context.awaitAsyncEvent(Duration.ZERO);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    private Ends ends(QueuePairType type) {
        return switch (type) {
            case RC -> {
                Ends ends = new Ends(left.newQueuePair(), right.newQueuePair(), 0);
                TestNode.connect(
                        ends.sender(), left.context, ends.receiver(), right.context, Mtu.MTU_1024);
                yield receiving(ends);
            }
            case UC -> {
                Ends ends = new Ends(left.newQueuePair(type), right.newQueuePair(type), 0);
                TestNode.connectUnreliable(
                        left, ends.sender(), right, ends.receiver(), Mtu.MTU_1024);
                yield receiving(ends);
            }
            case UD -> receiving(new Ends(VerbSides.ready(left), VerbSides.ready(right), 0));
            case XRC_SEND -> extended(left, right);
            case XRC_RECV -> {
                Ends reversed = extended(right, left);
                QueuePair target = reversed.receiver();
                QueuePair initiator = reversed.sender();
                yield new Ends(target, initiator, reversed.queue());
            }
            case GSI -> throw new IllegalArgumentException("there is one for each device");
        };
    }

    private Ends receiving(Ends ends) {
        ends.receiver().postReceive(new ReceiveWorkRequest(1, right.region.element(0, 128)));
        return ends;
    }

    private static Ends extended(TestNode from, TestNode to) {
        XrcDomain domain = to.context.openXrcDomain("");
        CompletionQueue completions = to.context.createCompletionQueue(16);
        SharedReceiveQueue queue =
                to.domain.createXrcSharedReceiveQueue(
                        new SharedReceiveQueueOptions(4, 1, 0), domain, completions);
        queue.postReceive(new ReceiveWorkRequest(1, to.region.element(0, 128)));
        QueuePair target =
                to.domain.createQueuePair(QueuePairOptions.xrcTarget(domain, to.receives));
        QueuePair initiator = from.newQueuePair(QueuePairType.XRC_SEND);
        initiator.modify(QueuePairAttributes.toInit(Set.of()));
        target.modify(QueuePairAttributes.toInit(TestNode.ALL_ACCESS));
        target.modify(
                QueuePairAttributes.toReadyToReceive(
                        way(from), initiator.number(), 100, Mtu.MTU_1024));
        initiator.modify(
                QueuePairAttributes.toReadyToReceiveUnreliable(
                        way(to), target.number(), 200, Mtu.MTU_1024));
        target.modify(
                QueuePairAttributes.builder()
                        .state(QueuePairState.RTS)
                        .timeout(14)
                        .sendPacketSequenceNumber(200)
                        .build());
        initiator.modify(QueuePairAttributes.toReadyToSend(100));
        return new Ends(initiator, target, queue.number());
    }

    private static AddressVector way(TestNode to) {
        return new AddressVector(to.context.gidTable(1).getFirst().gid(), 0);
    }

    private SendWorkRequest request(String kind, Ends ends) {
        List<Sge> elements = List.of(left.region.element(0, LENGTH));
        long address = right.region.address() + 64;
        int key = right.region.remoteKey();
        return switch (kind) {
            case "Send" -> new SendWorkRequest.Send(1, elements, SIGNALED);
            case "SendWithImmediate" ->
                    new SendWorkRequest.SendWithImmediate(1, elements, 7, SIGNALED);
            case "SendWithInvalidate" ->
                    new SendWorkRequest.SendWithInvalidate(
                            1, elements, registered(right).remoteKey(), SIGNALED);
            case "SendDatagram" ->
                    new SendWorkRequest.SendDatagram(1, elements, destination(ends), SIGNALED);
            case "SendDatagramWithImmediate" ->
                    new SendWorkRequest.SendDatagramWithImmediate(
                            1, elements, destination(ends), 7, SIGNALED);
            case "RdmaWrite" -> new SendWorkRequest.RdmaWrite(1, elements, address, key, SIGNALED);
            case "RdmaWriteWithImmediate" ->
                    new SendWorkRequest.RdmaWriteWithImmediate(
                            1, elements, address, key, 7, SIGNALED);
            case "RdmaRead" -> new SendWorkRequest.RdmaRead(1, elements, address, key, SIGNALED);
            case "RdmaReadWithInvalidate" ->
                    new SendWorkRequest.RdmaReadWithInvalidate(
                            1, elements, address, key, left.region.localKey(), SIGNALED);
            case "CompareAndSwap" ->
                    new SendWorkRequest.CompareAndSwap(1, elements, address, key, 0, 9, SIGNALED);
            case "FetchAndAdd" ->
                    new SendWorkRequest.FetchAndAdd(1, elements, address, key, 9, SIGNALED);
            case "AtomicWrite" -> new SendWorkRequest.AtomicWrite(1, 9, address, key, SIGNALED);
            case "Flush" ->
                    new SendWorkRequest.Flush(
                            1,
                            address,
                            LENGTH,
                            key,
                            EnumSet.of(PlacementType.GLOBAL),
                            SelectivityLevel.RANGE,
                            SIGNALED);
            default -> localRequest(kind);
        };
    }

    private SendWorkRequest localRequest(String kind) {
        return switch (kind) {
            case "BindMemoryWindow" -> {
                MemoryWindow window = left.domain.allocateMemoryWindow(MemoryWindowType.TYPE_2);
                yield new SendWorkRequest.BindMemoryWindow(
                        1,
                        window,
                        window.nextRemoteKey(),
                        MemoryWindowBinding.of(
                                left.region,
                                left.region.address(),
                                64,
                                EnumSet.of(AccessFlag.REMOTE_READ)),
                        SIGNALED);
            }
            case "LocalInvalidate" ->
                    new SendWorkRequest.LocalInvalidate(1, registered(left).localKey(), SIGNALED);
            case "RegisterMemory" -> registration(mapped(left));
            default -> throw new IllegalArgumentException(kind);
        };
    }

    private DatagramDestination destination(Ends ends) {
        AddressHandle handle = left.domain.createAddressHandle(way(right));
        return new DatagramDestination(handle, ends.receiver().number(), KEY);
    }

    private static SendWorkRequest registration(FastRegion region) {
        Set<AccessFlag> access = EnumSet.of(AccessFlag.LOCAL_WRITE, AccessFlag.REMOTE_WRITE);
        return new SendWorkRequest.RegisterMemory(2, region, region.localKey(), access, SIGNALED);
    }

    private FastRegion mapped(TestNode node) {
        PrivilegedDomain domain = node.privileged();
        DmaMapping mapping =
                domain.context()
                        .dma()
                        .map(
                                domain.context()
                                        .physicalMemory()
                                        .allocate(PhysicalMemoryRequest.scattered(PAGE)),
                                DmaDirection.BIDIRECTIONAL);
        mappings.add(mapping);
        FastRegion region = domain.allocateFastRegion(1);
        assertThat(region.mapSegments(mapping.segments(), 0, PAGE)).isEqualTo(1);
        return region;
    }

    private FastRegion registered(TestNode node) {
        FastRegion region = mapped(node);
        assertThat(pair.run(node, registration(region)).toString()).isEqualTo("[SUCCESS]");
        return region;
    }
}
