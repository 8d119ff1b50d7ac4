package org.softverbs.soft.script;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.softverbs.soft.qp.TransportEngine;
import org.softverbs.soft.wire.packet.RocePacket;

/// What a script says must come of what it did.
final class Expectations {

    private static final String INDENT = "\n    ";

    private Expectations() {}

    static void check(Statement statement, Bench bench) {
        String word = statement.word(0);
        switch (statement.verb()) {
            case PACKET -> packet(statement, bench);
            case SENT -> sent(statement, bench);
            case COMPLETION -> completion(statement, bench);
            case EVENT -> next(statement, bench.events, Enum::name, "the engine raised");
            case REFUSED -> next(statement, bench.faults, Enum::name, "what came in was");
            case STATE -> same(statement, "state " + bench.queuePair().state());
            case MEMORY -> memory(statement, bench);
            case COUNT -> {
                long counted = bench.counters().get(Words.counter(word));
                long wanted = Expression.parse(statement.word(1)).value(bench.scope()::number);
                if (counted != wanted) {
                    throw failure(statement, "count " + word + " " + counted, "");
                }
            }
            case NEXT_PSN -> nextPsn(statement, bench);
            case NO_TIMER -> {
                long deadline = bench.engine().nextDeadline();
                if (deadline != TransportEngine.NO_DEADLINE) {
                    String due = Duration.text(deadline - bench.now());
                    throw new ScriptFailure("a timer runs, due at " + due);
                }
            }
            case REGISTRATION ->
                    same(
                            statement,
                            "registration " + word + " " + bench.memory().registration(word));
            case DETACHED -> same(statement, "detached " + bench.detaches());
            default -> throw new ScriptFailure(statement.text() + " expects nothing");
        }
    }

    private static void same(Statement statement, String actual) {
        if (!statement.text().replaceAll("\\s+", " ").equals(actual)) {
            throw failure(statement, actual, "");
        }
    }

    private static ScriptFailure failure(Statement statement, String came, String why) {
        return new ScriptFailure(
                "expected"
                        + INDENT
                        + statement.text()
                        + "\nbut it is"
                        + INDENT
                        + came
                        + (why.isEmpty() ? "" : "\n" + why));
    }

    private static ScriptFailure nothingCame(Statement statement, Bench bench, String what) {
        List<String> left = bench.leftovers();
        String besides = left.isEmpty() ? "" : "; there is" + INDENT + String.join(INDENT, left);
        return new ScriptFailure(
                "expected" + INDENT + statement.text() + "\nbut there is no " + what + besides);
    }

    private static void packet(Statement statement, Bench bench) {
        Bench.Sent sent = bench.sent.peek();
        if (sent == null) {
            throw nothingCame(statement, bench, "packet");
        }
        List<String> differences =
                PacketForm.differences(statement, sent.packet(), sent.due(), bench);
        if (!differences.isEmpty()) {
            throw new ScriptFailure(
                    "expected"
                            + INDENT
                            + statement.text()
                            + "\nbut the engine sent"
                            + INDENT
                            + PacketForm.text(">", sent.packet(), bench.memory())
                            + "\n"
                            + String.join("; ", differences));
        }
        bench.sent.remove();
    }

    /// So many packets, of which only the payload is looked at.
    private static void sent(Statement statement, Bench bench) {
        long wanted = Expression.parse(statement.word(0)).value(bench.scope()::number);
        for (long i = 0; i < wanted; i++) {
            Bench.Sent sent = bench.sent.peek();
            if (sent == null) {
                throw failure(statement, "sent " + i, "");
            }
            List<String> wrong =
                    PacketForm.payloadDifferences(null, sent.packet(), sent.due(), bench.scope());
            if (!wrong.isEmpty()) {
                RocePacket packet = sent.packet();
                String text = PacketForm.text(">", packet, bench.memory());
                throw new ScriptFailure(
                        "the engine sent" + INDENT + text + "\n" + String.join("; ", wrong));
            }
            bench.sent.remove();
        }
    }

    private static void completion(Statement statement, Bench bench) {
        boolean receive = Words.RECEIVE.equals(statement.word(0));
        ArrayDeque<Bench.Completed> queue = receive ? bench.receives : bench.sends;
        Bench.Completed first = queue.peek();
        if (first == null) {
            throw nothingCame(statement, bench, receive ? "receive completion" : "send completion");
        }
        List<String> differences = CompletionForm.differences(statement, first, bench);
        if (!differences.isEmpty()) {
            String came = CompletionForm.text(receive, first, bench.memory());
            throw failure(statement, came, String.join("; ", differences));
        }
        queue.remove();
    }

    private static <T> void next(
            Statement statement, ArrayDeque<T> queue, Function<T, String> name, String what) {
        T first = queue.peek();
        if (first == null) {
            throw new ScriptFailure("expected" + INDENT + statement.text() + "\nbut there is none");
        }
        if (!name.apply(first).equals(statement.word(0))) {
            throw new ScriptFailure(
                    "expected" + INDENT + statement.text() + "\nbut " + what + " " + first);
        }
        queue.remove();
    }

    private static void nextPsn(Statement statement, Bench bench) {
        Scope scope = bench.scope();
        long send = bench.engine().nextSendPsn();
        long receive = bench.engine().nextReceivePsn();
        if (scope.number(statement, Field.SEND, send) != send
                || scope.number(statement, Field.RECEIVE, receive) != receive) {
            throw failure(statement, "next-psn send=" + send + " receive=" + receive, "");
        }
    }

    /// Memory has these bytes; from now on that is what it was told to have.
    private static void memory(Statement statement, Bench bench) {
        byte[] wanted = bytes(statement, bench);
        long address = Expression.parse(statement.word(0)).value(bench.scope()::address);
        ScriptMemory.Area area = bench.memory().at(address, wanted.length);
        MemorySegment actual = area.actual(address, wanted.length);
        long at = actual.mismatch(MemorySegment.ofArray(wanted));
        if (at >= 0) {
            throw new ScriptFailure(
                    "expected"
                            + INDENT
                            + statement.text()
                            + "\nbut memory has"
                            + INDENT
                            + PacketForm.describe(actual.toArray(ValueLayout.JAVA_BYTE))
                            + String.format(
                                    "%nbyte %d is 0x%02x, not 0x%02x",
                                    at, actual.get(ValueLayout.JAVA_BYTE, at), wanted[(int) at]));
        }
        area.told(address, wanted.length).copyFrom(actual);
    }

    private static byte[] bytes(Statement statement, Bench bench) {
        Scope scope = bench.scope();
        @Nullable Value named = statement.get(Field.PAYLOAD_OF);
        if (named == null) {
            return Stimuli.contents(statement, bench);
        }
        int psn = scope.integer(statement, Field.PAYLOAD_OF, 0) & PacketForm.PSN_MASK;
        byte[] payload = bench.payloadOf(psn);
        int from = scope.integer(statement, Field.FROM, 0);
        int length = scope.integer(statement, Field.BYTES, payload.length - (long) from);
        if (from < 0 || length < 1 || from + length > payload.length) {
            throw new ScriptFailure(
                    "the packet with PSN " + psn + " has " + payload.length + " bytes");
        }
        return Arrays.copyOfRange(payload, from, from + length);
    }
}
