package org.softverbs.soft.rdmacm;

import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import org.softverbs.cm.CmEvent;
import org.softverbs.cm.CmEventType;
import org.softverbs.cm.ConnectionId;
import org.softverbs.cm.ConnectionParameters;
import org.softverbs.cm.DatagramPeer;
import org.softverbs.verbs.Explanation;

/// An event, which counts against its IDs from when it is taken until it is acknowledged.
final class SoftCmEvent implements CmEvent {

    private final CmEventType type;
    private final SoftConnectionId id;
    private final Optional<SoftConnectionId> listener;
    private final int status;
    private final ConnectionParameters parameters;
    private final Optional<DatagramPeer> datagramPeer;
    private final Optional<Explanation> explanation;
    private final AtomicBoolean acknowledged = new AtomicBoolean(true);

    private SoftCmEvent(Builder builder) {
        this.type = builder.type;
        this.id = builder.id;
        this.listener = builder.listener;
        this.status = builder.status;
        this.parameters = builder.parameters;
        this.datagramPeer = builder.datagramPeer;
        this.explanation = builder.explanation;
    }

    static Builder of(CmEventType type, SoftConnectionId id) {
        return new Builder(type, id);
    }

    /// Whether it is about an ID, or came to it as a listener.
    @SuppressWarnings("ReferenceEquality")
    boolean isOf(EventSource other) {
        return id == other || listener.filter(it -> it == other).isPresent();
    }

    /// The ID whose channel it goes to.
    SoftConnectionId addressee() {
        return listener.orElse(id);
    }

    /// A program has it now.
    void take() {
        acknowledged.set(false);
        id.eventTaken();
        listener.ifPresent(SoftConnectionId::eventTaken);
    }

    @Override
    public void acknowledge() {
        if (!acknowledged.getAndSet(true)) {
            id.eventAcknowledged();
            listener.ifPresent(SoftConnectionId::eventAcknowledged);
        }
    }

    @Override
    public CmEventType type() {
        return type;
    }

    @Override
    public ConnectionId id() {
        return id;
    }

    @Override
    public Optional<ConnectionId> listener() {
        return listener.map(it -> it);
    }

    @Override
    public int status() {
        return status;
    }

    @Override
    public ConnectionParameters parameters() {
        return parameters;
    }

    @Override
    public Optional<DatagramPeer> datagramPeer() {
        return datagramPeer;
    }

    @Override
    public Optional<Explanation> explanation() {
        return explanation;
    }

    @Override
    public String toString() {
        return "%s of %s%s".formatted(type, id, status == 0 ? "" : ", status " + status);
    }

    /// Collects what an event says.
    static final class Builder {

        private final CmEventType type;
        private final SoftConnectionId id;
        private Optional<SoftConnectionId> listener = Optional.empty();
        private int status;
        private ConnectionParameters parameters = ConnectionParameters.DEFAULT;
        private Optional<DatagramPeer> datagramPeer = Optional.empty();
        private Optional<Explanation> explanation = Optional.empty();

        private Builder(CmEventType type, SoftConnectionId id) {
            this.type = type;
            this.id = id;
        }

        Builder listener(SoftConnectionId value) {
            listener = Optional.of(value);
            return this;
        }

        Builder status(int value) {
            status = value;
            return this;
        }

        Builder parameters(ConnectionParameters value) {
            parameters = value;
            return this;
        }

        Builder datagramPeer(DatagramPeer value) {
            datagramPeer = Optional.of(value);
            return this;
        }

        Builder explanation(Explanation value) {
            explanation = Optional.of(value);
            return this;
        }

        SoftCmEvent build() {
            return new SoftCmEvent(this);
        }
    }
}
