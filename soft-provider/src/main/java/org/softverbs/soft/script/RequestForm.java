package org.softverbs.soft.script;

import org.softverbs.soft.queue.SendOperation;
import org.softverbs.soft.queue.SendWqe;

/// Requests as scripts have them, with addresses and keys as numbers.
final class RequestForm {

    private RequestForm() {}

    static String text(SendWqe wqe) {
        StringBuilder text = new StringBuilder("post ");
        text.append(Words.of(wqe.operation())).append(" id=");
        text.append(Long.toUnsignedString(wqe.id()));
        if (wqe.operation().isLocal()) {
            local(text, wqe);
        } else {
            data(text, wqe);
        }
        if (wqe.hasRemoteQueue()) {
            number(text, Field.SRQ, "0x" + Integer.toHexString(wqe.destinationQpn()));
        }
        text.append(wqe.isSignaled() ? "" : " unsignaled");
        text.append(wqe.isSolicited() ? " solicited" : "");
        text.append(wqe.isFenced() ? " fenced" : "");
        return text.toString();
    }

    private static void local(StringBuilder text, SendWqe wqe) {
        boolean invalidate = wqe.operation() == SendOperation.LOCAL_INVALIDATE;
        number(text, Field.KEY, key(invalidate ? wqe.immediateOrKey() : wqe.remoteKey()));
        if (wqe.operation() == SendOperation.BIND_MEMORY_WINDOW) {
            number(text, Field.REGION, key(wqe.localKey()));
            number(text, Field.ADDRESS, Naming.NUMBERS.describeAddress(wqe.remoteAddress()));
            number(text, Field.BYTES, Long.toString(wqe.bindLength()));
        }
        if (!invalidate) {
            number(text, Field.ACCESS, Value.access(wqe.accessBits()));
        }
    }

    private static void data(StringBuilder text, SendWqe wqe) {
        if (wqe.operation().isPlacement()) {
            placement(text, wqe);
        } else if (wqe.isInline()) {
            number(text, Field.BYTES, Long.toString(wqe.length()));
            text.append(" inline");
        } else if (wqe.elements().count() == 0) {
            text.append(" elements=none");
        } else {
            text.append(RpktWriter.elements(wqe.elements()));
        }
        if (wqe.operation().isWrite() || wqe.operation().hasResponse()) {
            number(text, Field.REMOTE, Naming.NUMBERS.describeAddress(wqe.remoteAddress()));
            number(text, Field.REMOTE_KEY, key(wqe.remoteKey()));
        }
        switch (wqe.operation()) {
            case SEND_WITH_IMMEDIATE, RDMA_WRITE_WITH_IMMEDIATE ->
                    number(text, Field.IMMEDIATE, key(wqe.immediateOrKey()));
            case SEND_WITH_INVALIDATE -> number(text, Field.INVALIDATE, key(wqe.immediateOrKey()));
            case COMPARE_AND_SWAP -> {
                number(text, Field.COMPARE, Long.toUnsignedString(wqe.compare()));
                number(text, Field.SWAP, Long.toUnsignedString(wqe.swapOrAdd()));
            }
            case FETCH_AND_ADD -> number(text, Field.ADD, Long.toUnsignedString(wqe.swapOrAdd()));
            case SEND,
                    RDMA_WRITE,
                    RDMA_READ,
                    ATOMIC_WRITE,
                    FLUSH,
                    BIND_MEMORY_WINDOW,
                    LOCAL_INVALIDATE,
                    REGISTER_MEMORY -> {}
        }
    }

    private static void placement(StringBuilder text, SendWqe wqe) {
        if (wqe.operation() == SendOperation.ATOMIC_WRITE) {
            number(text, Field.VALUE, Long.toUnsignedString(wqe.swapOrAdd()));
        } else {
            number(text, Field.LENGTH, Long.toString(wqe.remoteLength()));
            number(text, Field.PLACEMENT, Integer.toString(wqe.placementBits()));
            number(text, Field.SELECTIVITY, wqe.isWholeRegion() ? "1" : "0");
        }
    }

    private static String key(int key) {
        return Naming.NUMBERS.describeKey(key);
    }

    private static void number(StringBuilder text, Field field, String value) {
        text.append(' ').append(field.text()).append('=').append(value);
    }
}
