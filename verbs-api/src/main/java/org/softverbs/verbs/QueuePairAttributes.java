package org.softverbs.verbs;

import java.util.Collections;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.Map;
import java.util.Set;

/// Attributes of a queue pair: a set of values, of which only those present count. Made with
/// [#builder()], or with one of the three moves of a connection: [#toInit], [#toReadyToReceive] and
/// [#toReadyToSend].
///
/// Verbs name: `ibv_qp_attr` with its `attr_mask` / `ib_qp_attr`.
public final class QueuePairAttributes {

    private final Map<QueuePairAttribute, Object> values;

    private QueuePairAttributes(Map<QueuePairAttribute, Object> values) {
        this.values = Collections.unmodifiableMap(new EnumMap<>(values));
    }

    /// Starts an empty set.
    public static Builder builder() {
        return new Builder();
    }

    /// RESET to INIT of a queue pair for datagrams on port 1.
    ///
    /// @param queueKey what datagrams to it must carry
    public static QueuePairAttributes toInitDatagram(int queueKey) {
        return builder()
                .state(QueuePairState.INIT)
                .partitionKeyIndex(0)
                .portNumber(1)
                .queueKey(queueKey)
                .build();
    }

    /// INIT to RTR of an unreliable connection.
    public static QueuePairAttributes toReadyToReceiveUnreliable(
            AddressVector addressVector,
            int destinationQueuePairNumber,
            int receivePacketSequenceNumber,
            Mtu pathMtu) {
        return builder()
                .state(QueuePairState.RTR)
                .addressVector(addressVector)
                .destinationQueuePairNumber(destinationQueuePairNumber)
                .receivePacketSequenceNumber(receivePacketSequenceNumber)
                .pathMtu(pathMtu)
                .build();
    }

    /// RTR to RTS of an unreliable connection, or of a queue pair for datagrams.
    public static QueuePairAttributes toReadyToSendUnreliable(int sendPacketSequenceNumber) {
        return builder()
                .state(QueuePairState.RTS)
                .sendPacketSequenceNumber(sendPacketSequenceNumber)
                .build();
    }

    /// Only a state to move to.
    public static QueuePairAttributes to(QueuePairState state) {
        return builder().state(state).build();
    }

    /// RESET to INIT on port 1.
    public static QueuePairAttributes toInit(Set<AccessFlag> accessFlags) {
        return builder()
                .state(QueuePairState.INIT)
                .partitionKeyIndex(0)
                .portNumber(1)
                .accessFlags(accessFlags)
                .build();
    }

    /// INIT to RTR with an RNR timer of 0.64 ms (code 12) and 16 inbound READs and atomics.
    public static QueuePairAttributes toReadyToReceive(
            AddressVector addressVector,
            int destinationQueuePairNumber,
            int receivePacketSequenceNumber,
            Mtu pathMtu) {
        return builder()
                .state(QueuePairState.RTR)
                .addressVector(addressVector)
                .destinationQueuePairNumber(destinationQueuePairNumber)
                .receivePacketSequenceNumber(receivePacketSequenceNumber)
                .pathMtu(pathMtu)
                .maxDestinationReadAtomic(16)
                .minRnrTimer(12)
                .build();
    }

    /// RTR to RTS with a timeout of 67 ms (code 14), seven tries and 16 outbound READs and atomics.
    public static QueuePairAttributes toReadyToSend(int sendPacketSequenceNumber) {
        return builder()
                .state(QueuePairState.RTS)
                .sendPacketSequenceNumber(sendPacketSequenceNumber)
                .timeout(14)
                .retryCount(7)
                .rnrRetry(7)
                .maxReadAtomic(16)
                .build();
    }

    /// Which attributes are present.
    public Set<QueuePairAttribute> mask() {
        return values.isEmpty()
                ? EnumSet.noneOf(QueuePairAttribute.class)
                : EnumSet.copyOf(values.keySet());
    }

    public boolean has(QueuePairAttribute attribute) {
        return values.containsKey(attribute);
    }

    private Object get(QueuePairAttribute attribute) {
        Object value = values.get(attribute);
        if (value == null) {
            throw new IllegalStateException("attribute " + attribute + " is not set");
        }
        return value;
    }

    /// The state to move to.
    ///
    /// @throws IllegalStateException when it is not set
    public QueuePairState state() {
        return (QueuePairState) get(QueuePairAttribute.STATE);
    }

    /// The state the caller believes the queue pair is in.
    ///
    /// @throws IllegalStateException when it is not set
    public QueuePairState currentState() {
        return (QueuePairState) get(QueuePairAttribute.CUR_STATE);
    }

    /// Whether a move to SQD raises SQ_DRAINED.
    ///
    /// @throws IllegalStateException when it is not set
    public boolean notifyWhenDrained() {
        return (Boolean) get(QueuePairAttribute.EN_SQD_ASYNC_NOTIFY);
    }

    /// What the peer may do.
    ///
    /// @throws IllegalStateException when it is not set
    @SuppressWarnings("unchecked")
    public Set<AccessFlag> accessFlags() {
        return (Set<AccessFlag>) get(QueuePairAttribute.ACCESS_FLAGS);
    }

    /// Position in the P_Key table.
    ///
    /// @throws IllegalStateException when it is not set
    public int partitionKeyIndex() {
        return (Integer) get(QueuePairAttribute.PKEY_INDEX);
    }

    /// Local port, from 1.
    ///
    /// @throws IllegalStateException when it is not set
    public int portNumber() {
        return (Integer) get(QueuePairAttribute.PORT);
    }

    /// What datagrams to it must carry (Q_Key), 32 bits.
    ///
    /// @throws IllegalStateException when it is not set
    public int queueKey() {
        return (Integer) get(QueuePairAttribute.QKEY);
    }

    /// The way to the peer.
    ///
    /// @throws IllegalStateException when it is not set
    public AddressVector addressVector() {
        return (AddressVector) get(QueuePairAttribute.AV);
    }

    /// Payload of a full packet; both ends must agree.
    ///
    /// @throws IllegalStateException when it is not set
    public Mtu pathMtu() {
        return (Mtu) get(QueuePairAttribute.PATH_MTU);
    }

    /// Local ACK timeout: 4.096 us x 2^n, n from 0 to 31; 0 waits for ever.
    ///
    /// @throws IllegalStateException when it is not set
    public int timeout() {
        return (Integer) get(QueuePairAttribute.TIMEOUT);
    }

    /// Tries after a timeout or a sequence error, 0 to 7.
    ///
    /// @throws IllegalStateException when it is not set
    public int retryCount() {
        return (Integer) get(QueuePairAttribute.RETRY_CNT);
    }

    /// Tries after an RNR NAK, 0 to 6; 7 tries for ever.
    ///
    /// @throws IllegalStateException when it is not set
    public int rnrRetry() {
        return (Integer) get(QueuePairAttribute.RNR_RETRY);
    }

    /// PSN of the first packet from the peer, 24 bits.
    ///
    /// @throws IllegalStateException when it is not set
    public int receivePacketSequenceNumber() {
        return (Integer) get(QueuePairAttribute.RQ_PSN);
    }

    /// RDMA READs and atomics outstanding towards the peer.
    ///
    /// @throws IllegalStateException when it is not set
    public int maxReadAtomic() {
        return (Integer) get(QueuePairAttribute.MAX_QP_RD_ATOMIC);
    }

    /// Timer code, 0 to 31, that an RNR NAK to the peer carries.
    ///
    /// @throws IllegalStateException when it is not set
    public int minRnrTimer() {
        return (Integer) get(QueuePairAttribute.MIN_RNR_TIMER);
    }

    /// PSN of the first packet to the peer, 24 bits.
    ///
    /// @throws IllegalStateException when it is not set
    public int sendPacketSequenceNumber() {
        return (Integer) get(QueuePairAttribute.SQ_PSN);
    }

    /// RDMA READs and atomics that the peer may have outstanding.
    ///
    /// @throws IllegalStateException when it is not set
    public int maxDestinationReadAtomic() {
        return (Integer) get(QueuePairAttribute.MAX_DEST_RD_ATOMIC);
    }

    /// The peer's queue pair number, 24 bits.
    ///
    /// @throws IllegalStateException when it is not set
    public int destinationQueuePairNumber() {
        return (Integer) get(QueuePairAttribute.DEST_QPN);
    }

    @Override
    public String toString() {
        return values.toString();
    }

    /// Collects attributes; nothing is checked before the queue pair is modified.
    public static final class Builder {

        private final Map<QueuePairAttribute, Object> values =
                new EnumMap<>(QueuePairAttribute.class);

        private Builder() {}

        private Builder put(QueuePairAttribute attribute, Object value) {
            values.put(attribute, value);
            return this;
        }

        /// The state to move to.
        public Builder state(QueuePairState state) {
            return put(QueuePairAttribute.STATE, state);
        }

        /// The state the caller believes the queue pair is in.
        public Builder currentState(QueuePairState currentState) {
            return put(QueuePairAttribute.CUR_STATE, currentState);
        }

        /// Whether a move to SQD raises SQ_DRAINED.
        public Builder notifyWhenDrained(boolean notifyWhenDrained) {
            return put(QueuePairAttribute.EN_SQD_ASYNC_NOTIFY, notifyWhenDrained);
        }

        /// What the peer may do.
        public Builder accessFlags(Set<AccessFlag> accessFlags) {
            return put(QueuePairAttribute.ACCESS_FLAGS, Set.copyOf(accessFlags));
        }

        /// Position in the P_Key table.
        public Builder partitionKeyIndex(int partitionKeyIndex) {
            return put(QueuePairAttribute.PKEY_INDEX, partitionKeyIndex);
        }

        /// Local port, from 1.
        public Builder portNumber(int portNumber) {
            return put(QueuePairAttribute.PORT, portNumber);
        }

        /// What datagrams to it must carry (Q_Key), 32 bits.
        public Builder queueKey(int queueKey) {
            return put(QueuePairAttribute.QKEY, queueKey);
        }

        /// The way to the peer.
        public Builder addressVector(AddressVector addressVector) {
            return put(QueuePairAttribute.AV, addressVector);
        }

        /// Payload of a full packet; both ends must agree.
        public Builder pathMtu(Mtu pathMtu) {
            return put(QueuePairAttribute.PATH_MTU, pathMtu);
        }

        /// Local ACK timeout: 4.096 us x 2^n, n from 0 to 31; 0 waits for ever.
        public Builder timeout(int timeout) {
            return put(QueuePairAttribute.TIMEOUT, timeout);
        }

        /// Tries after a timeout or a sequence error, 0 to 7.
        public Builder retryCount(int retryCount) {
            return put(QueuePairAttribute.RETRY_CNT, retryCount);
        }

        /// Tries after an RNR NAK, 0 to 6; 7 tries for ever.
        public Builder rnrRetry(int rnrRetry) {
            return put(QueuePairAttribute.RNR_RETRY, rnrRetry);
        }

        /// PSN of the first packet from the peer, 24 bits.
        public Builder receivePacketSequenceNumber(int receivePacketSequenceNumber) {
            return put(QueuePairAttribute.RQ_PSN, receivePacketSequenceNumber);
        }

        /// RDMA READs and atomics outstanding towards the peer.
        public Builder maxReadAtomic(int maxReadAtomic) {
            return put(QueuePairAttribute.MAX_QP_RD_ATOMIC, maxReadAtomic);
        }

        /// Timer code, 0 to 31, that an RNR NAK to the peer carries.
        public Builder minRnrTimer(int minRnrTimer) {
            return put(QueuePairAttribute.MIN_RNR_TIMER, minRnrTimer);
        }

        /// PSN of the first packet to the peer, 24 bits.
        public Builder sendPacketSequenceNumber(int sendPacketSequenceNumber) {
            return put(QueuePairAttribute.SQ_PSN, sendPacketSequenceNumber);
        }

        /// RDMA READs and atomics that the peer may have outstanding.
        public Builder maxDestinationReadAtomic(int maxDestinationReadAtomic) {
            return put(QueuePairAttribute.MAX_DEST_RD_ATOMIC, maxDestinationReadAtomic);
        }

        /// The peer's queue pair number, 24 bits.
        public Builder destinationQueuePairNumber(int destinationQueuePairNumber) {
            return put(QueuePairAttribute.DEST_QPN, destinationQueuePairNumber);
        }

        /// Takes an attribute out again.
        public Builder without(QueuePairAttribute attribute) {
            values.remove(attribute);
            return this;
        }

        public QueuePairAttributes build() {
            return new QueuePairAttributes(values);
        }
    }
}
