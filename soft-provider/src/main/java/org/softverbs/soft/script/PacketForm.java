package org.softverbs.soft.script;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.softverbs.soft.wire.packet.Bth;
import org.softverbs.soft.wire.packet.Extension;
import org.softverbs.soft.wire.packet.Octets;
import org.softverbs.soft.wire.packet.RocePacket;
import org.softverbs.soft.wire.roce.AckSyndrome;
import org.softverbs.soft.wire.roce.ExtensionHeader;
import org.softverbs.soft.wire.roce.RoceOpcode;
import org.softverbs.soft.wire.roce.RoceOpcode.Operation;

/// Packets as scripts have them.
final class PacketForm {

    static final int PSN_MASK = 0xff_ffff;
    static final long KEY_MASK = 0xffff_ffffL;

    private static final int SHOWN_BYTES = 64;

    private PacketForm() {}

    /// Whether packets of an opcode have a field.
    static boolean has(RoceOpcode opcode, Field field) {
        return switch (field) {
            case PAYLOAD -> opcode.hasPayload();
            case ADDRESS, KEY ->
                    opcode.has(ExtensionHeader.RETH) || opcode.has(ExtensionHeader.ATOMIC_ETH);
            case LENGTH -> opcode.has(ExtensionHeader.RETH);
            case SYNDROME, MSN -> opcode.has(ExtensionHeader.AETH);
            case ORIGINAL -> opcode.has(ExtensionHeader.ATOMIC_ACK_ETH);
            case COMPARE, SWAP -> opcode.operation() == Operation.COMPARE_SWAP;
            case ADD -> opcode.operation() == Operation.FETCH_ADD;
            case PLACEMENT, SELECTIVITY -> opcode.has(ExtensionHeader.FETH);
            case IMMEDIATE -> opcode.hasImmediate();
            case INVALIDATE -> opcode.hasInvalidate();
            case SRQ -> opcode.has(ExtensionHeader.XRC_ETH);
            default -> true;
        };
    }

    /// The fields of a packet but for its bytes; flags are 0 or 1.
    static Map<Field, Long> fields(RocePacket packet) {
        Map<Field, Long> fields = new EnumMap<>(Field.class);
        Bth bth = packet.bth();
        fields.put(Field.PSN, (long) bth.psn());
        fields.put(Field.ACK_REQUEST, bth.ackRequest() ? 1L : 0L);
        fields.put(Field.SOLICITED, bth.solicitedEvent() ? 1L : 0L);
        fields.put(Field.MIGRATION, bth.migrationRequest() ? 1L : 0L);
        fields.put(Field.FECN, bth.forwardCongestion() ? 1L : 0L);
        fields.put(Field.BECN, bth.backwardCongestion() ? 1L : 0L);
        fields.put(Field.RESERVED6, (long) bth.reserved6());
        fields.put(Field.RESERVED7, (long) bth.reserved7());
        for (Extension extension : packet.extensions()) {
            put(fields, extension, bth.opcode());
        }
        return fields;
    }

    private static void put(Map<Field, Long> fields, Extension extension, RoceOpcode opcode) {
        switch (extension) {
            case Extension.Reth reth -> {
                fields.put(Field.ADDRESS, reth.virtualAddress());
                fields.put(Field.KEY, reth.remoteKey() & KEY_MASK);
                fields.put(Field.LENGTH, reth.dmaLength());
            }
            case Extension.Aeth aeth -> {
                fields.put(Field.SYNDROME, (long) aeth.syndrome());
                fields.put(Field.MSN, (long) aeth.messageSequenceNumber());
            }
            case Extension.AtomicEth atomic -> {
                fields.put(Field.ADDRESS, atomic.virtualAddress());
                fields.put(Field.KEY, atomic.remoteKey() & KEY_MASK);
                if (opcode.operation() == Operation.FETCH_ADD) {
                    fields.put(Field.ADD, atomic.swapOrAdd());
                } else {
                    fields.put(Field.COMPARE, atomic.compare());
                    fields.put(Field.SWAP, atomic.swapOrAdd());
                }
            }
            case Extension.AtomicAckEth ack -> fields.put(Field.ORIGINAL, ack.originalValue());
            case Extension.ImmDt immDt -> fields.put(Field.IMMEDIATE, immDt.immediate() & KEY_MASK);
            case Extension.Ieth ieth -> fields.put(Field.INVALIDATE, ieth.remoteKey() & KEY_MASK);
            case Extension.Feth feth -> {
                fields.put(Field.PLACEMENT, (long) feth.placement());
                fields.put(Field.SELECTIVITY, (long) feth.selectivity());
            }
            case Extension.Deth deth -> throw new ScriptFailure("RC has no DETH: " + deth);
            case Extension.XrcEth xrc -> fields.put(Field.SRQ, (long) xrc.sharedReceiveQueue());
        }
    }

    /// A packet as a line of a script.
    static String text(String prefix, RocePacket packet, Naming naming) {
        RoceOpcode opcode = packet.bth().opcode();
        StringBuilder text = new StringBuilder(prefix).append(' ').append(Words.of(opcode));
        for (Map.Entry<Field, Long> entry : fields(packet).entrySet()) {
            Field field = entry.getKey();
            long value = entry.getValue();
            if (field == Field.ACK_REQUEST && opcode.hasPayload()) {
                text.append(" payload=").append(payloadText(packet));
            }
            if (field.type() == Value.Type.FLAG) {
                text.append(value == 0 ? "" : " " + field.text());
            } else if (value != 0 || (field != Field.RESERVED6 && field != Field.RESERVED7)) {
                text.append(' ').append(field.text()).append('=');
                text.append(valueText(field, value, naming));
            }
        }
        return text.toString();
    }

    /// The bytes of a packet that are what it is about, of others how many they are.
    private static String payloadText(RocePacket packet) {
        Octets payload = packet.payload();
        boolean exact = packet.bth().opcode().operation() == Operation.ATOMIC_WRITE;
        return exact && payload.length() > 0 ? "0x" + payload : Integer.toString(payload.length());
    }

    /// The value of a field as a script has it.
    static String valueText(Field field, long value, Naming naming) {
        return switch (field) {
            case ADDRESS -> naming.describeAddress(value);
            case KEY, INVALIDATE -> naming.describeKey((int) value);
            case SYNDROME -> Value.syndrome((int) value);
            case IMMEDIATE -> String.format(Locale.ROOT, "0x%08x", value);
            case SRQ -> String.format(Locale.ROOT, "0x%x", value);
            default -> Long.toUnsignedString(value);
        };
    }

    /// In what a packet is not the one that a statement says; empty when it is.
    ///
    /// @param due the payload that it should have, or null when nobody knows
    static List<String> differences(
            Statement expected, RocePacket packet, @Nullable Octets due, Bench bench) {
        List<String> found = new ArrayList<>();
        Map<Field, Long> actual = fields(packet);
        RoceOpcode opcode = Words.opcode(expected.word(0));
        if (packet.bth().opcode() != opcode) {
            found.add("the opcode is " + Words.of(packet.bth().opcode()));
            return found;
        }
        for (Field field : expected.fields().keySet()) {
            Long came = actual.get(field);
            if (came != null) {
                long wanted = wanted(expected, field, bench.scope());
                if (came != wanted) {
                    found.add(difference(field, came, wanted, bench.memory()));
                }
            }
        }
        long syndrome = actual.getOrDefault(Field.SYNDROME, (long) AckSyndrome.ACK_UNLIMITED);
        if (!expected.has(Field.SYNDROME) && syndrome != AckSyndrome.ACK_UNLIMITED) {
            found.add("syndrome is " + Value.syndrome((int) syndrome) + ", not ACK");
        }
        if (packet.bth().destinationQpn() != bench.peer()) {
            found.add("it is for queue pair " + packet.bth().destinationQpn());
        }
        found.addAll(payloadDifferences(expected.get(Field.PAYLOAD), packet, due, bench.scope()));
        return found;
    }

    private static long wanted(Statement expected, Field field, Scope scope) {
        if (field.type() == Value.Type.FLAG) {
            return expected.isSet(field) ? 1 : 0;
        }
        long value = scope.number(expected, field, 0);
        return switch (field) {
            case PSN, MSN, SRQ -> value & PSN_MASK;
            case KEY, INVALIDATE, IMMEDIATE -> value & KEY_MASK;
            default -> value;
        };
    }

    private static String difference(Field field, long came, long wanted, Naming naming) {
        if (field.type() == Value.Type.FLAG) {
            return field.text() + (came == 0 ? " is not set" : " is set");
        }
        return field.text()
                + " is "
                + valueText(field, came, naming)
                + ", not "
                + valueText(field, wanted, naming);
    }

    /// What is wrong with the payload by what is named, or by what is due.
    static List<String> payloadDifferences(
            @Nullable Value named, RocePacket packet, @Nullable Octets due, Scope scope) {
        byte[] came = packet.payload().toArray();
        if (!packet.pad().isZero() || packet.pad().length() != (-came.length & 3)) {
            return List.of("the padding is " + packet.pad());
        }
        Octets wanted =
                switch (named) {
                    case Value.Anything any -> null;
                    case Value.Exactly exactly -> octets(exactly);
                    case Value.Run run when run.filler() != null -> octets(run, 0, scope);
                    case Value.Run run -> {
                        long length = run.length().value(scope::number);
                        boolean fits = came.length == length;
                        yield fits ? due : Octets.of(new byte[(int) length]);
                    }
                    case null -> due;
                    default -> throw new ScriptFailure("payload wants bytes");
                };
        return wanted == null ? List.of() : compare(came, wanted.toArray());
    }

    private static List<String> compare(byte[] came, byte[] wanted) {
        if (came.length != wanted.length) {
            return List.of("payload has " + came.length + " bytes, not " + wanted.length);
        }
        for (int i = 0; i < came.length; i++) {
            if (came[i] != wanted[i]) {
                return List.of(
                        String.format(
                                Locale.ROOT,
                                "payload byte %d is 0x%02x, not 0x%02x",
                                i,
                                came[i],
                                wanted[i]));
            }
        }
        return List.of();
    }

    /// Bytes that a field names; those of a packet of the peer when only their number is named.
    static Octets octets(Value.Run run, int psn, Scope scope) {
        long length = run.length().value(scope::number);
        if (length < 0 || length > 1 << 16) {
            throw new ScriptFailure(length + " bytes do not fit a packet");
        }
        byte[] bytes = new byte[(int) length];
        Expression filler = run.filler();
        for (int i = 0; i < bytes.length; i++) {
            bytes[i] = filler == null ? peerByte(psn, i) : (byte) filler.value(scope::number);
        }
        return Octets.of(bytes);
    }

    static Octets octets(Value.Exactly exactly) {
        byte[] bytes = new byte[exactly.bytes().size()];
        for (int i = 0; i < bytes.length; i++) {
            bytes[i] = exactly.bytes().get(i);
        }
        return Octets.of(bytes);
    }

    /// What a peer sends in a packet unless told otherwise.
    private static byte peerByte(int psn, int index) {
        return (byte) (psn * 13 + index * 5 + (index >> 8) * 3 + 0x55);
    }

    /// Bytes for people.
    static String describe(byte[] bytes) {
        return bytes.length > SHOWN_BYTES ? bytes.length + " bytes" : "0x" + Octets.of(bytes);
    }
}
