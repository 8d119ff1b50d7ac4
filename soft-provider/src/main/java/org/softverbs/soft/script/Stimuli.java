package org.softverbs.soft.script;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.jspecify.annotations.Nullable;
import org.softverbs.soft.queue.ReceiveWqe;
import org.softverbs.soft.queue.SendOperation;
import org.softverbs.soft.queue.SendWqe;
import org.softverbs.soft.queue.SgeList;
import org.softverbs.soft.wire.packet.Octets;
import org.softverbs.soft.wire.roce.FethFlyweight;
import org.softverbs.verbs.PlacementType;

/// What a script does to its engine.
final class Stimuli {

    private static final int ATOMIC_LENGTH = 8;

    private Stimuli() {}

    static void execute(Statement statement, Bench bench) {
        switch (statement.verb()) {
            case POST -> {
                post(statement, bench);
                bench.pump();
            }
            case QUEUE -> post(statement, bench);
            case INJECT -> {
                inject(statement, bench);
                bench.pump();
            }
            case INJECT_MORE -> inject(statement, bench);
            case ADVANCE -> {
                long timeout = bench.queuePair().connection().timeoutNanos();
                bench.advance(Duration.parse(statement.word(0)).nanos(timeout));
            }
            case MODIFY -> {
                bench.change(statement);
                bench.move(Words.state(statement.word(0)));
                bench.pump();
            }
            case ROOM -> {
                String word = statement.word(0);
                bench.room("all".equals(word) ? Long.MAX_VALUE : Expression.number(word));
                bench.pump();
            }
            case SET -> set(statement, bench);
            case DEREGISTER -> bench.memory().deregister(statement.word(0));
            case ACKNOWLEDGE -> bench.engine().transmitAcknowledge();
            case TURN -> bench.turn();
            case TIMER -> bench.timer();
            default -> throw new ScriptFailure(statement.text() + " does nothing");
        }
    }

    private static void inject(Statement statement, Bench bench) {
        if (Words.RAW.equals(statement.word(0))) {
            Value.Exactly bytes = new Value.Exactly(Value.octets(statement.word(1)));
            bench.receive(PacketForm.octets(bytes).toArray());
        } else {
            int number = bench.queuePair().number();
            bench.receive(PeerPacket.of(statement, bench.scope(), bench.memory(), number));
        }
    }

    /// Writes memory: the engine's owner does, so it is no surprise.
    private static void set(Statement statement, Bench bench) {
        byte[] bytes = contents(statement, bench);
        long address = Expression.parse(statement.word(0)).value(bench.scope()::address);
        ScriptMemory.Area area = bench.memory().at(address, bytes.length);
        MemorySegment source = MemorySegment.ofArray(bytes);
        area.actual(address, bytes.length).copyFrom(source);
        area.told(address, bytes.length).copyFrom(source);
    }

    /// A number as it lies in the memory of this host.
    static byte[] nativeBytes(long value) {
        MemorySegment whole = Arena.ofAuto().allocate(ValueLayout.JAVA_LONG);
        whole.set(ValueLayout.JAVA_LONG, 0, value);
        return whole.toArray(ValueLayout.JAVA_BYTE);
    }

    /// Bytes that `set` or `memory` names.
    static byte[] contents(Statement statement, Bench bench) {
        Scope scope = bench.scope();
        if (statement.has(Field.LONG)) {
            return nativeBytes(scope.number(statement, Field.LONG, 0));
        }
        Octets octets =
                switch (statement.get(Field.CONTENT)) {
                    case Value.Exactly exactly -> PacketForm.octets(exactly);
                    case Value.Run run when run.filler() != null ->
                            PacketForm.octets(run, 0, scope);
                    case null, default ->
                            throw new ScriptFailure(
                                    "it wants long= or content=, as in content=8*0x00");
                };
        return octets.toArray();
    }

    private static void post(Statement statement, Bench bench) {
        if (Words.RECEIVE.equals(statement.word(0))) {
            ReceiveWqe wqe = new ReceiveWqe(Bench.MAX_SGE);
            wqe.begin(bench.scope().number(statement, Field.ID, 0));
            addElements(statement, bench, ScriptMemory.INBOX, 0, wqe.elements());
            if (statement.has(Field.SRQ)) {
                bench.post(wqe, bench.scope().integer(statement, Field.SRQ, 0));
            } else {
                bench.post(wqe);
            }
        } else {
            bench.post(request(statement, bench));
        }
    }

    private static SendWqe request(Statement statement, Bench bench) {
        Scope scope = bench.scope();
        SendOperation operation = Words.operation(statement.word(0));
        SendWqe wqe =
                new SendWqe(Bench.MAX_SGE, Arena.ofAuto().allocate(Bench.MAX_INLINE, Long.BYTES));
        wqe.begin(scope.number(statement, Field.ID, 0), operation);
        wqe.signaled(!statement.isSet(Field.UNSIGNALED));
        wqe.solicited(statement.isSet(Field.SOLICITED));
        wqe.fenced(statement.isSet(Field.FENCED));
        if (statement.has(Field.SRQ)) {
            wqe.remoteQueue(scope.integer(statement, Field.SRQ, 0));
        }
        wqe.remote(
                scope.number(
                        statement, Field.REMOTE, bench.memory().addressOf(ScriptMemory.EXPOSED)),
                scope.integer(
                        statement, Field.REMOTE_KEY, bench.memory().keyOf(ScriptMemory.EXPOSED)));
        wqe.immediateOrKey(
                statement.has(Field.INVALIDATE)
                        ? scope.integer(statement, Field.INVALIDATE, 0)
                        : scope.integer(statement, Field.IMMEDIATE, 0));
        boolean add = operation == SendOperation.FETCH_AND_ADD;
        wqe.operands(
                scope.number(statement, Field.COMPARE, 0),
                scope.number(statement, add ? Field.ADD : Field.SWAP, 0));
        if (operation.isPlacement()) {
            placement(statement, scope, wqe);
        } else if (operation.isLocal()) {
            local(statement, scope, wqe);
        } else if (statement.isSet(Field.INLINE)) {
            inline(statement, bench, wqe);
        } else {
            long length = operation.isAtomic() ? ATOMIC_LENGTH : 0;
            addElements(statement, bench, ScriptMemory.LOCAL, length, wqe.elements());
        }
        return wqe;
    }

    private static void placement(Statement statement, Scope scope, SendWqe wqe) {
        if (wqe.operation() == SendOperation.ATOMIC_WRITE) {
            wqe.operands(0, scope.number(statement, Field.VALUE, 0));
        } else {
            wqe.flush(
                    scope.number(statement, Field.LENGTH, 0),
                    scope.integer(statement, Field.PLACEMENT, PlacementType.GLOBAL.bit()),
                    scope.integer(statement, Field.SELECTIVITY, FethFlyweight.RANGE)
                            == FethFlyweight.MEMORY_REGION);
        }
    }

    private static void local(Statement statement, Scope scope, SendWqe wqe) {
        int key = scope.integer(statement, Field.KEY, 0);
        wqe.accessBits(statement.access(Field.ACCESS, Value.allAccess()));
        wqe.remote(scope.number(statement, Field.ADDRESS, 0), key);
        if (wqe.operation() == SendOperation.LOCAL_INVALIDATE) {
            wqe.immediateOrKey(key);
        } else if (wqe.operation() == SendOperation.BIND_MEMORY_WINDOW) {
            wqe.binding(
                    scope.integer(statement, Field.REGION, 0),
                    scope.number(statement, Field.BYTES, 0));
        }
    }

    private static void inline(Statement statement, Bench bench, SendWqe wqe) {
        long length = bench.scope().number(statement, Field.BYTES, 0);
        wqe.inline();
        MemorySegment source = bench.memory().contentsOf(ScriptMemory.LOCAL).actual();
        if (!wqe.appendInline(source, 0, length)) {
            throw new ScriptFailure("at most " + Bench.MAX_INLINE + " bytes may be inline");
        }
    }

    private static void addElements(
            Statement statement, Bench bench, String region, long length, SgeList elements) {
        Scope scope = bench.scope();
        ScriptMemory memory = bench.memory();
        if (!(statement.get(Field.ELEMENTS) instanceof Value.Elements named)) {
            long bytes = scope.number(statement, Field.BYTES, length);
            if (bytes > 0) {
                elements.add(memory.addressOf(region), (int) bytes, memory.keyOf(region));
            }
            return;
        }
        for (Value.Element element : named.elements()) {
            long address = element.address().value(scope::address);
            int size = (int) element.length().value(scope::number);
            if (!elements.add(address, size, key(element, region, bench))) {
                throw new ScriptFailure("at most " + Bench.MAX_SGE + " elements");
            }
        }
    }

    private static int key(Value.Element element, String region, Bench bench) {
        @Nullable Expression key = element.key();
        if (key != null) {
            return (int) key.value(bench.scope()::key);
        }
        String named = element.address().firstName();
        return bench.memory().keyOf(named == null ? region : named);
    }
}
