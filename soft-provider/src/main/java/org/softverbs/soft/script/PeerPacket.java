package org.softverbs.soft.script;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.softverbs.soft.wire.packet.Bth;
import org.softverbs.soft.wire.packet.Extension;
import org.softverbs.soft.wire.packet.Octets;
import org.softverbs.soft.wire.packet.RocePacket;
import org.softverbs.soft.wire.roce.AckSyndrome;
import org.softverbs.soft.wire.roce.BthFlyweight;
import org.softverbs.soft.wire.roce.ExtensionHeader;
import org.softverbs.soft.wire.roce.RoceOpcode;
import org.softverbs.soft.wire.roce.RoceOpcode.Operation;
import org.softverbs.verbs.PlacementType;

/// Makes the packets of the peer that a script tells of, legal or not.
final class PeerPacket {

    private final Statement statement;
    private final Scope scope;
    private final ScriptMemory memory;
    private final RoceOpcode opcode;
    private final int psn;
    private final Octets payload;

    private PeerPacket(Statement statement, Scope scope, ScriptMemory memory) {
        this.statement = statement;
        this.scope = scope;
        this.memory = memory;
        this.opcode = Words.opcode(statement.word(0));
        this.psn = scope.integer(statement, Field.PSN, 0) & PacketForm.PSN_MASK;
        this.payload = octets(Field.PAYLOAD, Octets.of());
    }

    static RocePacket of(Statement statement, Scope scope, ScriptMemory memory, int queuePair) {
        return new PeerPacket(statement, scope, memory).build(queuePair);
    }

    private RocePacket build(int queuePair) {
        Octets pad = octets(Field.PAD, Octets.of(new byte[-payload.length() & 3]));
        if (pad.length() > 3) {
            throw new ScriptFailure("a packet has at most 3 bytes of padding");
        }
        boolean asks =
                statement.has(Field.ACK_REQUEST)
                        ? statement.isSet(Field.ACK_REQUEST)
                        : opcode.isRequest() && !opcode.hasPayload();
        Bth bth =
                new Bth(
                        opcode,
                        statement.isSet(Field.SOLICITED),
                        statement.isSet(Field.MIGRATION),
                        pad.length(),
                        0,
                        BthFlyweight.DEFAULT_PARTITION_KEY,
                        statement.isSet(Field.FECN),
                        statement.isSet(Field.BECN),
                        scope.integer(statement, Field.RESERVED6, 0),
                        queuePair,
                        asks,
                        scope.integer(statement, Field.RESERVED7, 0),
                        psn);
        List<Extension> extensions = new ArrayList<>();
        for (ExtensionHeader header : opcode.extensions()) {
            extensions.add(extension(header));
        }
        return new RocePacket(bth, extensions, payload, pad);
    }

    private Octets octets(Field field, Octets otherwise) {
        return switch (statement.get(field)) {
            case null -> otherwise;
            case Value.Exactly exactly -> PacketForm.octets(exactly);
            case Value.Run run when field == Field.PAD && run.filler() == null ->
                    Octets.of(new byte[PacketForm.octets(run, 0, scope).length()]);
            case Value.Run run -> PacketForm.octets(run, psn, scope);
            default -> throw new ScriptFailure("a packet that comes in wants its bytes");
        };
    }

    private Extension extension(ExtensionHeader header) {
        return switch (header) {
            case RETH -> new Extension.Reth(address(), key(), length());
            case AETH ->
                    new Extension.Aeth(
                            scope.integer(statement, Field.SYNDROME, AckSyndrome.ACK_UNLIMITED),
                            scope.integer(statement, Field.MSN, 0));
            case ATOMIC_ETH ->
                    new Extension.AtomicEth(
                            address(),
                            key(),
                            number(
                                    opcode.operation() == Operation.FETCH_ADD
                                            ? Field.ADD
                                            : Field.SWAP),
                            number(Field.COMPARE));
            case ATOMIC_ACK_ETH -> new Extension.AtomicAckEth(number(Field.ORIGINAL));
            case IMM_DT -> new Extension.ImmDt((int) number(Field.IMMEDIATE));
            case FETH ->
                    new Extension.Feth(
                            0,
                            (int) number(Field.SELECTIVITY),
                            scope.integer(statement, Field.PLACEMENT, PlacementType.GLOBAL.bit()));
            case IETH -> new Extension.Ieth((int) number(required(Field.INVALIDATE)));
            case XRC_ETH -> new Extension.XrcEth(0, queue());
            case DETH -> throw new ScriptFailure("RC has no " + header);
        };
    }

    private int queue() {
        return scope.integer(statement, required(Field.SRQ), 0) & PacketForm.PSN_MASK;
    }

    private long address() {
        return scope.number(statement, Field.ADDRESS, memory.addressOf(ScriptMemory.EXPOSED));
    }

    private int key() {
        return scope.integer(statement, Field.KEY, memory.keyOf(ScriptMemory.EXPOSED));
    }

    /// A message of one packet says the length that it has, unless told otherwise.
    private long length() {
        boolean whole = opcode.isOnly() && opcode.hasPayload();
        return whole
                ? scope.number(statement, Field.LENGTH, payload.length())
                : number(required(Field.LENGTH));
    }

    private Field required(Field field) {
        @Nullable Value value = statement.get(field);
        if (value == null) {
            throw new ScriptFailure(Words.of(opcode) + " needs " + field.text() + "=");
        }
        return field;
    }

    private long number(Field field) {
        return scope.number(statement, field, 0);
    }
}
