package org.softverbs.soft.device;

import java.util.EnumSet;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.softverbs.soft.packet.Path;
import org.softverbs.soft.qp.ConnectionAttributes;
import org.softverbs.soft.qp.QueuePairCore;
import org.softverbs.verbs.AccessFlag;
import org.softverbs.verbs.AddressVector;
import org.softverbs.verbs.Cause;
import org.softverbs.verbs.Errno;
import org.softverbs.verbs.Explanation;
import org.softverbs.verbs.Mtu;
import org.softverbs.verbs.QueuePairAttribute;
import org.softverbs.verbs.QueuePairAttributes;
import org.softverbs.verbs.QueuePairState;
import org.softverbs.verbs.QueuePairTransitions;
import org.softverbs.verbs.QueuePairType;
import org.softverbs.verbs.VerbsException;

/// Carries out `modify` of one queue pair: checks the move and every value, then changes all at
/// once. For the owner of the device.
final class QueuePairModifier {

    private static final String MODIFY = "modify";
    private static final int NUMBER_MAX = 0xff_ffff;
    private static final int TIMER_MAX = 31;
    private static final int RETRY_MAX = 7;

    private final SoftDevice device;
    private final QueuePairType type;
    private final QueuePairPort port;
    private final QueuePairCore core;
    private Set<AccessFlag> accessFlags = EnumSet.noneOf(AccessFlag.class);
    private @Nullable AddressVector addressVector;
    private boolean receiving;
    private boolean sending;

    QueuePairModifier(SoftDevice device, QueuePairType type, QueuePairPort port) {
        this.device = device;
        this.type = type;
        this.port = port;
        this.core = port.core();
    }

    void modify(QueuePairAttributes attributes) {
        QueuePairState from = core.state();
        QueuePairState to = attributes.has(QueuePairAttribute.STATE) ? attributes.state() : from;
        Optional<String> violation =
                QueuePairTransitions.violation(type, from, to, attributes.mask());
        if (violation.isPresent()) {
            throw refused(violation.get(), from);
        }
        if (attributes.has(QueuePairAttribute.CUR_STATE) && attributes.currentState() != from) {
            throw refused("CUR_STATE " + attributes.currentState() + " but the state is " + from);
        }
        Path path = check(attributes);
        apply(attributes, path);
        move(from, to, attributes);
        device.engine().activate(port);
    }

    private @Nullable Path check(QueuePairAttributes attributes) {
        checkNumbers(attributes);
        if (attributes.has(QueuePairAttribute.PATH_MTU)) {
            Mtu active = device.port().activeMtu();
            if (attributes.pathMtu().bytes() > active.bytes()) {
                throw refused(
                        "PATH_MTU "
                                + attributes.pathMtu().bytes()
                                + " exceeds the port's active MTU "
                                + active.bytes()
                                + " (interface MTU "
                                + device.port().interfaceMtu()
                                + ")");
            }
        }
        return attributes.has(QueuePairAttribute.AV)
                ? new Routes(device, MODIFY).path(attributes.addressVector())
                : null;
    }

    private void checkNumbers(QueuePairAttributes attributes) {
        if (attributes.has(QueuePairAttribute.PKEY_INDEX)) {
            range("PKEY_INDEX", attributes.partitionKeyIndex(), 0, 0);
        }
        if (attributes.has(QueuePairAttribute.PORT)) {
            range("PORT", attributes.portNumber(), 1, 1);
        }
        if (attributes.has(QueuePairAttribute.DEST_QPN)) {
            range("DEST_QPN", attributes.destinationQueuePairNumber(), 0, NUMBER_MAX);
        }
        if (attributes.has(QueuePairAttribute.RQ_PSN)) {
            range("RQ_PSN", attributes.receivePacketSequenceNumber(), 0, NUMBER_MAX);
        }
        if (attributes.has(QueuePairAttribute.SQ_PSN)) {
            range("SQ_PSN", attributes.sendPacketSequenceNumber(), 0, NUMBER_MAX);
        }
        if (attributes.has(QueuePairAttribute.TIMEOUT)) {
            range("TIMEOUT", attributes.timeout(), 0, TIMER_MAX);
        }
        if (attributes.has(QueuePairAttribute.RETRY_CNT)) {
            range("RETRY_CNT", attributes.retryCount(), 0, RETRY_MAX);
        }
        if (attributes.has(QueuePairAttribute.RNR_RETRY)) {
            range("RNR_RETRY", attributes.rnrRetry(), 0, RETRY_MAX);
        }
        if (attributes.has(QueuePairAttribute.MIN_RNR_TIMER)) {
            range("MIN_RNR_TIMER", attributes.minRnrTimer(), 0, TIMER_MAX);
        }
        int readAtomicMax = device.limits().maxReadAtomic();
        if (attributes.has(QueuePairAttribute.MAX_QP_RD_ATOMIC)) {
            range("MAX_QP_RD_ATOMIC", attributes.maxReadAtomic(), 0, readAtomicMax);
        }
        if (attributes.has(QueuePairAttribute.MAX_DEST_RD_ATOMIC)) {
            range("MAX_DEST_RD_ATOMIC", attributes.maxDestinationReadAtomic(), 0, readAtomicMax);
        }
    }

    private void apply(QueuePairAttributes attributes, @Nullable Path path) {
        ConnectionAttributes connection = core.connection();
        if (path != null) {
            connection.path(path);
            addressVector = attributes.addressVector();
        }
        if (attributes.has(QueuePairAttribute.ACCESS_FLAGS)) {
            accessFlags = attributes.accessFlags();
            connection.accessBits(AccessFlag.bits(accessFlags));
        }
        if (attributes.has(QueuePairAttribute.QKEY)) {
            connection.queueKey(attributes.queueKey());
        }
        if (attributes.has(QueuePairAttribute.PATH_MTU)) {
            connection.mtu(attributes.pathMtu().bytes());
        }
        if (attributes.has(QueuePairAttribute.DEST_QPN)) {
            connection.destinationQpn(attributes.destinationQueuePairNumber());
        }
        if (attributes.has(QueuePairAttribute.RQ_PSN)) {
            connection.receivePsn(attributes.receivePacketSequenceNumber());
        }
        if (attributes.has(QueuePairAttribute.SQ_PSN)) {
            connection.sendPsn(attributes.sendPacketSequenceNumber());
        }
        applyTimersAndLimits(attributes, connection);
    }

    private static void applyTimersAndLimits(
            QueuePairAttributes attributes, ConnectionAttributes connection) {
        if (attributes.has(QueuePairAttribute.TIMEOUT)) {
            connection.timeout(attributes.timeout());
        }
        if (attributes.has(QueuePairAttribute.RETRY_CNT)) {
            connection.retryCount(attributes.retryCount());
        }
        if (attributes.has(QueuePairAttribute.RNR_RETRY)) {
            connection.rnrRetry(attributes.rnrRetry());
        }
        if (attributes.has(QueuePairAttribute.MIN_RNR_TIMER)) {
            connection.minRnrTimer(attributes.minRnrTimer());
        }
        if (attributes.has(QueuePairAttribute.MAX_QP_RD_ATOMIC)) {
            connection.maxReadAtomic(attributes.maxReadAtomic());
        }
        if (attributes.has(QueuePairAttribute.MAX_DEST_RD_ATOMIC)) {
            connection.maxDestinationReadAtomic(attributes.maxDestinationReadAtomic());
        }
    }

    private void move(QueuePairState from, QueuePairState to, QueuePairAttributes attributes) {
        if (to == QueuePairState.RESET || to == QueuePairState.ERR) {
            device.engine().sendWhatIsDue(port);
        }
        if (to == QueuePairState.ERR) {
            core.failed(Explanation.of(new Cause.MovedToError(core.number(), from)));
        }
        device.engine().move(port, to);
        switch (to) {
            case RESET -> {
                receiving = false;
                sending = false;
                port.engine().onReset();
                device.keys().forgetRequests(core.number());
            }
            case INIT, SQE -> {}
            case RTR -> {
                receiving = true;
                if (type.isDatagram()) {
                    core.connection().mtu(device.port().activeMtu().bytes());
                }
                port.engine().onReadyToReceive();
                device.engine().onReadyToReceive(port);
            }
            case RTS -> {
                if (from == QueuePairState.RTR) {
                    sending = true;
                    port.engine().onReadyToSend();
                } else if (from == QueuePairState.SQE) {
                    core.forgetError();
                }
            }
            case SQD -> {
                boolean notify =
                        attributes.has(QueuePairAttribute.EN_SQD_ASYNC_NOTIFY)
                                && attributes.notifyWhenDrained();
                if (from == QueuePairState.RTS) {
                    port.engine().onDrain(notify);
                }
            }
            case ERR -> port.engine().onError();
        }
    }

    QueuePairAttributes query() {
        ConnectionAttributes connection = core.connection();
        QueuePairState state = core.state();
        QueuePairAttributes.Builder builder =
                QueuePairAttributes.builder()
                        .state(state)
                        .currentState(state)
                        .accessFlags(accessFlags)
                        .partitionKeyIndex(0)
                        .portNumber(1)
                        .queueKey(connection.queueKey())
                        .destinationQueuePairNumber(connection.destinationQpn())
                        .pathMtu(Mtu.ofBytes(connection.mtu()))
                        .receivePacketSequenceNumber(
                                receiving
                                        ? port.engine().nextReceivePsn()
                                        : connection.receivePsn())
                        .sendPacketSequenceNumber(
                                sending ? port.engine().nextSendPsn() : connection.sendPsn())
                        .timeout(connection.timeout())
                        .retryCount(connection.retryCount())
                        .rnrRetry(connection.rnrRetry())
                        .minRnrTimer(connection.minRnrTimer())
                        .maxReadAtomic(connection.maxReadAtomic())
                        .maxDestinationReadAtomic(connection.maxDestinationReadAtomic());
        AddressVector vector = addressVector;
        if (vector != null) {
            builder.addressVector(vector);
        }
        return builder.build();
    }

    private static void range(String field, int value, int min, int max) {
        if (value < min || value > max) {
            throw refused(field + " " + value + " is not within " + min + " and " + max);
        }
    }

    /// A queue pair that failed is refused most moves: why it failed is the reason.
    private VerbsException refused(String reason, QueuePairState from) {
        Explanation failed = core.firstError();
        return from == QueuePairState.ERR && failed != null
                ? new VerbsException(Errno.EINVAL, MODIFY, reason, failed)
                : refused(reason);
    }

    private static VerbsException refused(String reason) {
        return new VerbsException(Errno.EINVAL, MODIFY, reason);
    }
}
