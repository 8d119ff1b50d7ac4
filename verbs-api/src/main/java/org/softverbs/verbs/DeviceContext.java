package org.softverbs.verbs;

import java.lang.foreign.MemorySegment;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

/// An open device.
///
/// Verbs name: `ibv_context` / `ib_device`.
public interface DeviceContext extends AutoCloseable {

    RdmaDevice device();

    DeviceAttributes queryDevice();

    /// What [#queryDevice()] does not tell.
    ///
    /// Verbs name: `ibv_query_device_ex`.
    ExtendedDeviceAttributes queryExtendedDevice();

    /// What the device's clocks show now.
    ///
    /// Verbs name: `ibv_query_rt_values_ex`.
    RealTimeValues queryRealTimeValues();

    /// @throws VerbsException `EINVAL` when the device has no such port
    PortAttributes queryPort(int portNumber);

    /// The GID table of a port, without empty rows.
    ///
    /// @throws VerbsException `EINVAL` when the device has no such port
    List<GidEntry> gidTable(int portNumber);

    /// The P_Key at a position of a port's table, 16 bits.
    ///
    /// @throws VerbsException `EINVAL` when there is no such port or position
    int partitionKey(int portNumber, int index);

    /// Where a port's table has a P_Key first.
    ///
    /// Verbs name: `ibv_get_pkey_index`.
    ///
    /// @throws VerbsException `EINVAL` when the device has no such port
    default OptionalInt partitionKeyIndex(int portNumber, int partitionKey) {
        int rows = queryPort(portNumber).partitionKeyTableLength();
        for (int index = 0; index < rows; index++) {
            if (partitionKey(portNumber, index) == partitionKey) {
                return OptionalInt.of(index);
            }
        }
        return OptionalInt.empty();
    }

    /// @throws VerbsException `ENOMEM` at the device's limit
    ProtectionDomain allocateProtectionDomain();

    /// Opens the domain of extended reliable connections of a name: the one that was opened with
    /// it before, in this context, or a new one. An empty name is nobody else's.
    ///
    /// Verbs name: `ibv_open_xrcd`, where a file stands for the name.
    XrcDomain openXrcDomain(String name);

    /// Gives memory of the program an address, for implicit regions.
    ///
    /// @param segment memory that every thread may access
    /// @throws VerbsException `EINVAL` for a segment that cannot be registered either
    ProgramMemory mapMemory(MemorySegment segment);

    /// Makes a thread domain.
    ///
    /// Verbs name: `ibv_alloc_td`.
    ThreadDomain allocateThreadDomain();

    CompletionChannel createCompletionChannel();

    /// Makes a completion queue without events.
    ///
    /// @param entries completions it must hold at least
    /// @throws VerbsException `EINVAL` when `entries` is below 1 or above the device's limit
    default CompletionQueue createCompletionQueue(int entries) {
        return createCompletionQueue(CompletionQueueOptions.of(entries));
    }

    /// Makes a completion queue whose events go to a channel.
    ///
    /// @param entries completions it must hold at least
    /// @param channel a channel of this context
    /// @throws VerbsException `EINVAL` when `entries` is out of range or the channel is not this
    ///     context's
    default CompletionQueue createCompletionQueue(int entries, CompletionChannel channel) {
        return createCompletionQueue(CompletionQueueOptions.of(entries).withChannel(channel));
    }

    /// Makes a completion queue.
    ///
    /// Verbs name: `ibv_create_cq_ex`.
    ///
    /// @throws VerbsException `EINVAL` when the entries or the vector are out of the device's range
    ///     or the channel is not this context's; `ENOMEM` at the device's limit
    CompletionQueue createCompletionQueue(CompletionQueueOptions options);

    /// Waits for the next asynchronous event. Each must be acknowledged with
    /// [#acknowledge(AsyncEvent)] before the queue pair, the completion queue or the shared receive
    /// queue that it names can be closed.
    ///
    /// Verbs name: `ibv_get_async_event`.
    ///
    /// @return nothing when none came in time
    /// @throws InterruptedException when the thread is interrupted
    Optional<AsyncEvent> awaitAsyncEvent(Duration timeout) throws InterruptedException;

    /// Says that nothing is to be done about an event any more.
    ///
    /// Verbs name: `ibv_ack_async_event`.
    ///
    /// @throws VerbsException `EINVAL` when the event was not taken, or is acknowledged already
    void acknowledge(AsyncEvent event);

    /// Counters of the device by name, as they stand now: packets, drops by reason, retries.
    Map<String, Long> counters();

    /// What is open now, and how far it is.
    ///
    /// Tool name: `rdma resource`.
    DeviceResources resources();

    /// Closes the device.
    ///
    /// @throws VerbsException `EBUSY` when objects made from it are still open; it lists them
    @Override
    void close();
}
