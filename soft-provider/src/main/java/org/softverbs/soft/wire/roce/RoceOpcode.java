package org.softverbs.soft.wire.roce;

import static org.softverbs.soft.wire.roce.ExtensionHeader.AETH;
import static org.softverbs.soft.wire.roce.ExtensionHeader.ATOMIC_ACK_ETH;
import static org.softverbs.soft.wire.roce.ExtensionHeader.ATOMIC_ETH;
import static org.softverbs.soft.wire.roce.ExtensionHeader.DETH;
import static org.softverbs.soft.wire.roce.ExtensionHeader.FETH;
import static org.softverbs.soft.wire.roce.ExtensionHeader.IETH;
import static org.softverbs.soft.wire.roce.ExtensionHeader.IMM_DT;
import static org.softverbs.soft.wire.roce.ExtensionHeader.RETH;
import static org.softverbs.soft.wire.roce.ExtensionHeader.XRC_ETH;

import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The opcode table: every packet of RC, UC, UD and XRC, with the headers that follow the BTH. FLUSH
 * and ATOMIC WRITE are those of InfiniBand annex A19, which rxe has from Linux 6.2 on. Opcodes of
 * RD and congestion notification packets are not in it: a packet that carries one is dropped.
 */
@SuppressWarnings({"ImmutableEnumChecker", "EnumOrdinal"}) // never changed; ordinals index a table
public enum RoceOpcode {
    RC_SEND_FIRST(0x00, Operation.SEND, Position.FIRST),
    RC_SEND_MIDDLE(0x01, Operation.SEND, Position.MIDDLE),
    RC_SEND_LAST(0x02, Operation.SEND, Position.LAST),
    RC_SEND_LAST_WITH_IMMEDIATE(0x03, Operation.SEND, Position.LAST, IMM_DT),
    RC_SEND_ONLY(0x04, Operation.SEND, Position.ONLY),
    RC_SEND_ONLY_WITH_IMMEDIATE(0x05, Operation.SEND, Position.ONLY, IMM_DT),
    RC_WRITE_FIRST(0x06, Operation.WRITE, Position.FIRST, RETH),
    RC_WRITE_MIDDLE(0x07, Operation.WRITE, Position.MIDDLE),
    RC_WRITE_LAST(0x08, Operation.WRITE, Position.LAST),
    RC_WRITE_LAST_WITH_IMMEDIATE(0x09, Operation.WRITE, Position.LAST, IMM_DT),
    RC_WRITE_ONLY(0x0a, Operation.WRITE, Position.ONLY, RETH),
    RC_WRITE_ONLY_WITH_IMMEDIATE(0x0b, Operation.WRITE, Position.ONLY, RETH, IMM_DT),
    RC_READ_REQUEST(0x0c, Operation.READ_REQUEST, Position.ONLY, RETH),
    RC_READ_RESPONSE_FIRST(0x0d, Operation.READ_RESPONSE, Position.FIRST, AETH),
    RC_READ_RESPONSE_MIDDLE(0x0e, Operation.READ_RESPONSE, Position.MIDDLE),
    RC_READ_RESPONSE_LAST(0x0f, Operation.READ_RESPONSE, Position.LAST, AETH),
    RC_READ_RESPONSE_ONLY(0x10, Operation.READ_RESPONSE, Position.ONLY, AETH),
    RC_ACKNOWLEDGE(0x11, Operation.ACKNOWLEDGE, Position.ONLY, AETH),
    RC_ATOMIC_ACKNOWLEDGE(0x12, Operation.ATOMIC_ACKNOWLEDGE, Position.ONLY, AETH, ATOMIC_ACK_ETH),
    RC_COMPARE_SWAP(0x13, Operation.COMPARE_SWAP, Position.ONLY, ATOMIC_ETH),
    RC_FETCH_ADD(0x14, Operation.FETCH_ADD, Position.ONLY, ATOMIC_ETH),
    RC_SEND_LAST_WITH_INVALIDATE(0x16, Operation.SEND, Position.LAST, IETH),
    RC_SEND_ONLY_WITH_INVALIDATE(0x17, Operation.SEND, Position.ONLY, IETH),
    RC_FLUSH(0x1c, Operation.FLUSH, Position.ONLY, FETH, RETH),
    RC_ATOMIC_WRITE(0x1d, Operation.ATOMIC_WRITE, Position.ONLY, RETH),
    UC_SEND_FIRST(0x20, Operation.SEND, Position.FIRST),
    UC_SEND_MIDDLE(0x21, Operation.SEND, Position.MIDDLE),
    UC_SEND_LAST(0x22, Operation.SEND, Position.LAST),
    UC_SEND_LAST_WITH_IMMEDIATE(0x23, Operation.SEND, Position.LAST, IMM_DT),
    UC_SEND_ONLY(0x24, Operation.SEND, Position.ONLY),
    UC_SEND_ONLY_WITH_IMMEDIATE(0x25, Operation.SEND, Position.ONLY, IMM_DT),
    UC_WRITE_FIRST(0x26, Operation.WRITE, Position.FIRST, RETH),
    UC_WRITE_MIDDLE(0x27, Operation.WRITE, Position.MIDDLE),
    UC_WRITE_LAST(0x28, Operation.WRITE, Position.LAST),
    UC_WRITE_LAST_WITH_IMMEDIATE(0x29, Operation.WRITE, Position.LAST, IMM_DT),
    UC_WRITE_ONLY(0x2a, Operation.WRITE, Position.ONLY, RETH),
    UC_WRITE_ONLY_WITH_IMMEDIATE(0x2b, Operation.WRITE, Position.ONLY, RETH, IMM_DT),
    UD_SEND_ONLY(0x64, Operation.SEND, Position.ONLY, DETH),
    UD_SEND_ONLY_WITH_IMMEDIATE(0x65, Operation.SEND, Position.ONLY, DETH, IMM_DT),
    XRC_SEND_FIRST(0xa0, Operation.SEND, Position.FIRST, XRC_ETH),
    XRC_SEND_MIDDLE(0xa1, Operation.SEND, Position.MIDDLE, XRC_ETH),
    XRC_SEND_LAST(0xa2, Operation.SEND, Position.LAST, XRC_ETH),
    XRC_SEND_LAST_WITH_IMMEDIATE(0xa3, Operation.SEND, Position.LAST, XRC_ETH, IMM_DT),
    XRC_SEND_ONLY(0xa4, Operation.SEND, Position.ONLY, XRC_ETH),
    XRC_SEND_ONLY_WITH_IMMEDIATE(0xa5, Operation.SEND, Position.ONLY, XRC_ETH, IMM_DT),
    XRC_WRITE_FIRST(0xa6, Operation.WRITE, Position.FIRST, XRC_ETH, RETH),
    XRC_WRITE_MIDDLE(0xa7, Operation.WRITE, Position.MIDDLE, XRC_ETH),
    XRC_WRITE_LAST(0xa8, Operation.WRITE, Position.LAST, XRC_ETH),
    XRC_WRITE_LAST_WITH_IMMEDIATE(0xa9, Operation.WRITE, Position.LAST, XRC_ETH, IMM_DT),
    XRC_WRITE_ONLY(0xaa, Operation.WRITE, Position.ONLY, XRC_ETH, RETH),
    XRC_WRITE_ONLY_WITH_IMMEDIATE(0xab, Operation.WRITE, Position.ONLY, XRC_ETH, RETH, IMM_DT),
    XRC_READ_REQUEST(0xac, Operation.READ_REQUEST, Position.ONLY, XRC_ETH, RETH),
    XRC_READ_RESPONSE_FIRST(0xad, Operation.READ_RESPONSE, Position.FIRST, AETH),
    XRC_READ_RESPONSE_MIDDLE(0xae, Operation.READ_RESPONSE, Position.MIDDLE),
    XRC_READ_RESPONSE_LAST(0xaf, Operation.READ_RESPONSE, Position.LAST, AETH),
    XRC_READ_RESPONSE_ONLY(0xb0, Operation.READ_RESPONSE, Position.ONLY, AETH),
    XRC_ACKNOWLEDGE(0xb1, Operation.ACKNOWLEDGE, Position.ONLY, AETH),
    XRC_ATOMIC_ACKNOWLEDGE(0xb2, Operation.ATOMIC_ACKNOWLEDGE, Position.ONLY, AETH, ATOMIC_ACK_ETH),
    XRC_COMPARE_SWAP(0xb3, Operation.COMPARE_SWAP, Position.ONLY, XRC_ETH, ATOMIC_ETH),
    XRC_FETCH_ADD(0xb4, Operation.FETCH_ADD, Position.ONLY, XRC_ETH, ATOMIC_ETH),
    XRC_SEND_LAST_WITH_INVALIDATE(0xb6, Operation.SEND, Position.LAST, XRC_ETH, IETH),
    XRC_SEND_ONLY_WITH_INVALIDATE(0xb7, Operation.SEND, Position.ONLY, XRC_ETH, IETH),
    XRC_FLUSH(0xbc, Operation.FLUSH, Position.ONLY, XRC_ETH, FETH, RETH),
    XRC_ATOMIC_WRITE(0xbd, Operation.ATOMIC_WRITE, Position.ONLY, XRC_ETH, RETH);

    /** What a packet does. */
    public enum Operation {
        SEND(true, true),
        WRITE(true, true),
        READ_REQUEST(true, false),
        READ_RESPONSE(false, true),
        ACKNOWLEDGE(false, false),
        ATOMIC_ACKNOWLEDGE(false, false),
        COMPARE_SWAP(true, false),
        FETCH_ADD(true, false),
        FLUSH(true, false),
        ATOMIC_WRITE(true, true);

        private final boolean request;
        private final boolean payload;

        Operation(boolean request, boolean payload) {
            this.request = request;
            this.payload = payload;
        }
    }

    /** Where a packet stands in its message. */
    public enum Position {
        FIRST,
        MIDDLE,
        LAST,
        ONLY
    }

    /** The service a packet belongs to: the top three bits of the opcode. */
    public enum Service {
        RC(0x00),
        UC(0x20),
        UD(0x60),
        XRC(0xa0);

        private final int base;

        Service(int base) {
            this.base = base;
        }
    }

    private static final int OPERATION_MASK = 0x1f;
    private static final @Nullable RoceOpcode[] TABLE = new @Nullable RoceOpcode[256];

    static {
        for (RoceOpcode opcode : values()) {
            TABLE[opcode.wireValue] = opcode;
        }
    }

    private final int wireValue;
    private final Operation operation;
    private final Position position;
    private final List<ExtensionHeader> extensions;
    private final int[] offsets = new int[ExtensionHeader.values().length];
    private final int headerLength;
    private final Service service;

    RoceOpcode(
            int wireValue, Operation operation, Position position, ExtensionHeader... extensions) {
        this.wireValue = wireValue;
        this.operation = operation;
        this.position = position;
        this.extensions = List.of(extensions);
        Arrays.fill(offsets, -1);
        int length = BthFlyweight.LENGTH;
        for (ExtensionHeader extension : extensions) {
            offsets[extension.ordinal()] = length;
            length += extension.length();
        }
        this.headerLength = length;
        this.service = serviceOf(wireValue);
    }

    private static Service serviceOf(int wireValue) {
        for (Service service : Service.values()) {
            if ((wireValue & ~OPERATION_MASK) == service.base) {
                return service;
            }
        }
        throw new IllegalArgumentException("no service has opcode " + wireValue);
    }

    /** The opcode with this wire value, or null when it is none of ours. Allocates nothing. */
    public static @Nullable RoceOpcode of(int wireValue) {
        return TABLE[wireValue & 0xff];
    }

    /**
     * The same packet of another service; of UC and XRC for those that they share with RC.
     *
     * @throws IllegalArgumentException when the service has none
     */
    public RoceOpcode in(Service other) {
        if (service() == other) {
            return this;
        }
        RoceOpcode found = TABLE[other.base | (wireValue & OPERATION_MASK)];
        if (found == null) {
            throw new IllegalArgumentException(other + " has no " + this);
        }
        return found;
    }

    /** The first byte of the BTH. */
    public int wireValue() {
        return wireValue;
    }

    /** What the packet does. */
    public Operation operation() {
        return operation;
    }

    /** Where the packet stands in its message. */
    public Position position() {
        return position;
    }

    /** The service the packet belongs to. */
    public Service service() {
        return service;
    }

    /** The headers after the BTH, in wire order. */
    public List<ExtensionHeader> extensions() {
        return extensions;
    }

    /** Whether this header follows the BTH. */
    public boolean has(ExtensionHeader extension) {
        return offsets[extension.ordinal()] >= 0;
    }

    /** Bytes from the start of the BTH to this header, or -1 when the opcode has none. */
    public int offsetOf(ExtensionHeader extension) {
        return offsets[extension.ordinal()];
    }

    /** Bytes of the BTH and all extension headers. */
    public int headerLength() {
        return headerLength;
    }

    /** First of several packets. */
    public boolean isFirst() {
        return position == Position.FIRST;
    }

    /** Neither first nor last of several packets. */
    public boolean isMiddle() {
        return position == Position.MIDDLE;
    }

    /** Last of several packets. */
    public boolean isLast() {
        return position == Position.LAST;
    }

    /** The only packet of its message. */
    public boolean isOnly() {
        return position == Position.ONLY;
    }

    /** First or only. */
    public boolean startsMessage() {
        return position == Position.FIRST || position == Position.ONLY;
    }

    /** Last or only. */
    public boolean endsMessage() {
        return position == Position.LAST || position == Position.ONLY;
    }

    /** Sent by a requester to a responder. */
    public boolean isRequest() {
        return operation.request;
    }

    /** Sent by a responder to a requester. */
    public boolean isResponse() {
        return !operation.request;
    }

    /** Carries immediate data. */
    public boolean hasImmediate() {
        return has(IMM_DT);
    }

    /** Carries a key to invalidate. */
    public boolean hasInvalidate() {
        return has(IETH);
    }

    /** May carry payload. */
    public boolean hasPayload() {
        return operation.payload;
    }
}
