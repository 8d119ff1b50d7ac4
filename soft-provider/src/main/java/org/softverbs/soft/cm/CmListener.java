package org.softverbs.soft.cm;

import java.util.Optional;
import org.softverbs.verbs.GlobalIdentifier;

/// Somebody who takes requests for a service; made by [CmEngine#listen].
public final class CmListener {

    private final long serviceId;
    private final Optional<GlobalIdentifier> address;
    private final int backlog;
    private final CmConsumer consumer;

    /// Requests that nobody took yet.
    int waiting;

    CmListener(
            long serviceId, Optional<GlobalIdentifier> address, int backlog, CmConsumer consumer) {
        this.serviceId = serviceId;
        this.address = address;
        this.backlog = backlog;
        this.consumer = consumer;
    }

    public long serviceId() {
        return serviceId;
    }

    /// The address that it listens on; nothing for all of the device's.
    public Optional<GlobalIdentifier> address() {
        return address;
    }

    /// Most requests that wait to be taken.
    public int backlog() {
        return backlog;
    }

    CmConsumer consumer() {
        return consumer;
    }
}
