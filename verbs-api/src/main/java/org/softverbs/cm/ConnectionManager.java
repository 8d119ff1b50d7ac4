package org.softverbs.cm;

import java.util.List;
import java.util.ServiceLoader;
import org.softverbs.cm.spi.ConnectionManagerProvider;
import org.softverbs.verbs.DeviceContext;
import org.softverbs.verbs.Errno;
import org.softverbs.verbs.VerbsException;

/// The connection manager of one or more open devices. Ports are those of each device: two managers
/// of a device share them.
///
/// Verbs name: the whole of `librdmacm`, which is there once for each process.
public interface ConnectionManager extends AutoCloseable {

    /// The connection manager of devices that are open; they stay the caller's.
    ///
    /// @throws VerbsException `EOPNOTSUPP` when no provider has one for them
    /// @throws IllegalArgumentException when there is no device
    static ConnectionManager open(DeviceContext... devices) {
        List<DeviceContext> list = List.of(devices);
        if (list.isEmpty()) {
            throw new IllegalArgumentException("a connection manager needs a device");
        }
        for (ConnectionManagerProvider provider :
                ServiceLoader.load(ConnectionManagerProvider.class)) {
            if (list.stream().allMatch(provider::supports)) {
                return provider.open(list);
            }
        }
        throw new VerbsException(
                Errno.EOPNOTSUPP,
                "openConnectionManager",
                "no provider manages connections of " + list);
    }

    /// The devices it was opened for.
    ///
    /// Verbs name: `rdma_get_devices`.
    List<DeviceContext> devices();

    /// Verbs name: `rdma_create_event_channel`.
    EventChannel createEventChannel();

    /// Makes an ID.
    ///
    /// Verbs name: `rdma_create_id`. For IDs that need no channel see [ConnectionEndpoint].
    ///
    /// @param channel a channel of this manager, where its events go
    /// @throws IllegalArgumentException when the channel is another manager's
    ConnectionId createId(EventChannel channel, PortSpace portSpace);

    /// The IDs that are open.
    List<ConnectionId> ids();

    /// @throws VerbsException `EBUSY` when channels or IDs are open; it lists them
    @Override
    void close();
}
