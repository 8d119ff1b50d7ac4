package org.softverbs.soft.script;

import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.softverbs.soft.qp.TransportCounter;
import org.softverbs.soft.queue.SendOperation;
import org.softverbs.soft.wire.roce.PacketFault;
import org.softverbs.soft.wire.roce.RoceOpcode;
import org.softverbs.verbs.AsyncEventType;
import org.softverbs.verbs.FastRegionState;
import org.softverbs.verbs.QueuePairState;
import org.softverbs.verbs.QueuePairType;
import org.softverbs.verbs.WorkCompletionOpcode;
import org.softverbs.verbs.WorkCompletionStatus;

/// The names in scripts of what has a name elsewhere.
final class Words {

    /// The operation of a post that is no send request.
    static final String RECEIVE = "receive";

    /// The opcode of bytes that need not be a packet.
    static final String RAW = "raw";

    private static final String SERVICE = "RC_";
    private static final Set<RoceOpcode.Service> SERVICES =
            EnumSet.of(RoceOpcode.Service.RC, RoceOpcode.Service.XRC);
    private static final Map<String, RoceOpcode> OPCODES =
            Arrays.stream(RoceOpcode.values())
                    .filter(opcode -> SERVICES.contains(opcode.service()))
                    .collect(Collectors.toMap(Words::of, opcode -> opcode));
    private static final Map<String, SendOperation> OPERATIONS =
            Arrays.stream(SendOperation.values())
                    .collect(Collectors.toMap(Words::of, operation -> operation));

    private Words() {}

    /// Opcodes of RC go without their service.
    static String of(RoceOpcode opcode) {
        String name = opcode.name();
        return name.startsWith(SERVICE) ? name.substring(SERVICE.length()) : name;
    }

    static String of(SendOperation operation) {
        return operation
                .name()
                .replace("RDMA_", "")
                .replace("COMPARE_AND_SWAP", "compare-swap")
                .replace("FETCH_AND_ADD", "fetch-add")
                .replace("BIND_MEMORY_WINDOW", "bind")
                .replace("LOCAL_INVALIDATE", "invalidate")
                .replace("REGISTER_MEMORY", "register")
                .toLowerCase(Locale.ROOT)
                .replace('_', '-');
    }

    static RoceOpcode opcode(String word) {
        RoceOpcode found = OPCODES.get(word);
        if (found == null) {
            List<String> names = OPCODES.keySet().stream().sorted().toList();
            throw new ScriptFailure(
                    "no opcode '" + word + "' of RC or XRC" + Suggestion.of(word, names));
        }
        return found;
    }

    static SendOperation operation(String word) {
        SendOperation found = OPERATIONS.get(word);
        if (found == null) {
            List<String> names =
                    Stream.concat(OPERATIONS.keySet().stream().sorted(), Stream.of(RECEIVE))
                            .toList();
            throw new ScriptFailure("no operation '" + word + "'" + Suggestion.of(word, names));
        }
        return found;
    }

    /// The type of a queue pair that scripts have: a reliable one.
    static QueuePairType service(String word) {
        QueuePairType type = constant(QueuePairType.class, word, "service");
        return switch (type) {
            case RC, XRC_SEND, XRC_RECV -> type;
            case UC, UD, GSI ->
                    throw new ScriptFailure("a script is of RC, XRC_SEND or XRC_RECV, not " + type);
        };
    }

    static QueuePairState state(String word) {
        return constant(QueuePairState.class, word, "state");
    }

    static WorkCompletionStatus status(String word) {
        return word.isEmpty()
                ? WorkCompletionStatus.SUCCESS
                : constant(WorkCompletionStatus.class, word, "status");
    }

    static WorkCompletionOpcode completionOpcode(String word) {
        return constant(WorkCompletionOpcode.class, word, "completion opcode");
    }

    static AsyncEventType event(String word) {
        return constant(AsyncEventType.class, word, "event");
    }

    static TransportCounter counter(String word) {
        return constant(TransportCounter.class, word, "counter");
    }

    static PacketFault fault(String word) {
        return constant(PacketFault.class, word, "fault");
    }

    static FastRegionState registration(String word) {
        return constant(FastRegionState.class, word, "state of a registration");
    }

    private static <E extends Enum<E>> E constant(Class<E> type, String word, String kind) {
        E[] constants = type.getEnumConstants();
        for (E constant : constants) {
            if (constant.name().equals(word)) {
                return constant;
            }
        }
        List<String> names = Arrays.stream(constants).map(Enum::name).toList();
        throw new ScriptFailure("no " + kind + " '" + word + "'" + Suggestion.of(word, names));
    }

    /// Looks whether the words of a statement mean something.
    static void check(Statement statement) {
        String first = statement.word(0);
        switch (statement.verb()) {
            case POST, QUEUE -> {
                if (!RECEIVE.equals(first)) {
                    operation(first);
                }
                require(statement, Field.ID);
            }
            case INJECT, INJECT_MORE -> checkInjected(statement);
            case PACKET -> {
                checkPacket(statement);
                if (statement.has(Field.PAD)) {
                    throw new ScriptFailure(
                            "pad is for packets that come in; it is always looked at");
                }
            }
            case MODIFY, STATE -> state(first);
            case COMPLETION -> {
                if (!"send".equals(first) && !RECEIVE.equals(first)) {
                    throw new ScriptFailure("'=' wants send or receive, not '" + first + "'");
                }
                status(statement.word(1));
                require(statement, Field.ID);
            }
            case EVENT -> event(first);
            case COUNT -> counter(first);
            case REFUSED -> fault(first);
            case REGISTRATION -> registration(statement.word(1));
            case ADVANCE -> Duration.parse(first);
            case QP -> {
                state(statement.name(Field.STATE, "RTS"));
                service(statement.name(Field.SERVICE, "RC"));
            }
            case SRQ -> require(statement, Field.NUMBER);
            case REGION,
                    WINDOW,
                    FAST,
                    DEREGISTER,
                    ROOM,
                    SET,
                    ACKNOWLEDGE,
                    TURN,
                    TIMER,
                    REPEAT,
                    END,
                    SENT,
                    MEMORY,
                    MEMORY_UNCHANGED,
                    NOTHING,
                    NEXT_PSN,
                    NO_TIMER,
                    DETACHED -> {}
        }
    }

    private static void checkInjected(Statement statement) {
        if (RAW.equals(statement.word(0))) {
            if (statement.words().size() != 2 || !statement.fields().isEmpty()) {
                throw new ScriptFailure("raw wants bytes, as in: < raw 0x04000000");
            }
            Value.octets(statement.word(1));
            return;
        }
        if (statement.words().size() > 1) {
            throw new ScriptFailure("'" + statement.word(1) + "' is no flag of a packet");
        }
        checkPacket(statement);
    }

    private static void checkPacket(Statement statement) {
        RoceOpcode opcode = opcode(statement.word(0));
        require(statement, Field.PSN);
        for (Field field : statement.fields().keySet()) {
            if (!PacketForm.has(opcode, field)) {
                throw new ScriptFailure(of(opcode) + " has no " + field.text());
            }
        }
    }

    private static void require(Statement statement, Field field) {
        if (!statement.has(field)) {
            throw new ScriptFailure(
                    "'" + statement.verb().keyword() + "' needs " + field.text() + "=");
        }
    }
}
