package org.softverbs.verbs;

import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// A group of queue pairs and memory that may be used together.
///
/// Verbs name: `ibv_pd` / `ib_pd`.
public interface ProtectionDomain extends AutoCloseable {

    DeviceContext context();

    /// Registers memory for use by work requests and, as the flags allow, by peers. The region
    /// holds the segment until it is closed. Bytes are not copied.
    ///
    /// @param segment memory that every thread may access: not of a confined arena. Memory on the
    ///     heap may be registered too
    /// @param access what it may be used for; with `ZERO_BASED` the first byte has the address 0
    /// @throws VerbsException `EINVAL` for a segment that cannot be registered or an illegal set of
    ///     flags, `ENOMEM` at the device's limit
    MemoryRegion registerMemory(MemorySegment segment, Set<AccessFlag> access);

    /// Registers the bytes of a buffer from its position to its limit, as they stand now.
    ///
    /// @throws VerbsException as [#registerMemory(MemorySegment, Set)]
    default MemoryRegion registerMemory(ByteBuffer buffer, Set<AccessFlag> access) {
        return registerMemory(MemorySegment.ofBuffer(buffer), access);
    }

    /// Registers memory at an address of the caller's choice.
    ///
    /// @param segment as in [#registerMemory(MemorySegment, Set)]
    /// @param address the first byte's address in the region's address space
    /// @param access what it may be used for
    /// @throws VerbsException also `EINVAL` when the region would wrap around 2^64
    MemoryRegion registerMemoryAt(MemorySegment segment, long address, Set<AccessFlag> access);

    /// Registers all memory of the program that has an address, now or later: what is registered
    /// otherwise and what is mapped by [DeviceContext#mapMemory]. Pages come in on demand. The
    /// region has no segment; its addresses are the program's.
    ///
    /// Verbs name: `ibv_reg_mr` of address 0 and `SIZE_MAX`, `IBV_ODP_SUPPORT_IMPLICIT`.
    ///
    /// @param access what it may be used for, `ON_DEMAND` among it
    /// @throws VerbsException `EINVAL` for an illegal set of flags, `ENOMEM` at the device's limit
    MemoryRegion registerImplicit(Set<AccessFlag> access);

    /// Tells how memory will be used that was registered with [AccessFlag#ON_DEMAND].
    ///
    /// Verbs name: `ibv_advise_mr`.
    ///
    /// @param advice what is to be done about its pages
    /// @param flush whether it is to be done when this returns; else it is done some time
    ///     (`IBV_ADVISE_MR_FLAG_FLUSH`)
    /// @param ranges of regions of this domain
    /// @throws VerbsException `ENOENT` for a key that is no region's, `EPERM` for a region of
    ///     another domain or one that cannot be written, `EINVAL` for a region that is not on
    ///     demand, `EFAULT` for bytes outside; nothing is done
    void advise(MemoryAdvice advice, boolean flush, List<Sge> ranges);

    /// Makes a memory window that is bound to nothing.
    ///
    /// @throws VerbsException `ENOMEM` at the device's limit
    MemoryWindow allocateMemoryWindow(MemoryWindowType type);

    /// Makes a queue of receives that queue pairs share, in this domain or another of the context.
    /// Memory of the receives is looked for in the domain of the queue.
    ///
    /// @throws VerbsException `EINVAL` for a value out of the device's range, `ENOMEM` at the
    ///     device's limit
    SharedReceiveQueue createSharedReceiveQueue(SharedReceiveQueueOptions options);

    /// Makes a queue of receives for extended reliable connections, which senders name by its
    /// number. All memory that requests to it touch is looked for in this protection domain.
    ///
    /// Verbs name: `ibv_create_srq_ex` with `IBV_SRQT_XRC`.
    ///
    /// @param domain whose target queue pairs reach it
    /// @param completionQueue gets the completions of its receives
    /// @throws VerbsException as [#createSharedReceiveQueue], and `EINVAL` for a domain or a
    ///     completion queue of another context
    SharedReceiveQueue createXrcSharedReceiveQueue(
            SharedReceiveQueueOptions options, XrcDomain domain, CompletionQueue completionQueue);

    /// Makes a handle to send datagrams with.
    ///
    /// @param addressVector the way, from a GID of this device
    /// @throws VerbsException `EINVAL` for a value out of range or a GID of another IP version than
    ///     the source's, `ENOMEM` at the device's limit
    AddressHandle createAddressHandle(AddressVector addressVector);

    /// Makes a handle to answer a datagram with.
    ///
    /// Verbs name: `ibv_create_ah_from_wc`.
    ///
    /// @param completion that of the datagram
    /// @param globalRoute the first 40 bytes of its receive
    /// @param portNumber the port it came in at, from 1
    /// @throws VerbsException `EINVAL` when the completion is not that of a datagram or the bytes
    ///     are no IP header, and as [#createAddressHandle(AddressVector)]
    AddressHandle createAddressHandle(
            WorkCompletion completion, MemorySegment globalRoute, int portNumber);

    /// Makes another face of this domain: what is made by it works together with all else of this
    /// domain, and may be used by one thread at a time.
    ///
    /// Queues are objects of the program's own heap: there is no allocator to give.
    ///
    /// Verbs name: `ibv_alloc_parent_domain`.
    ///
    /// @param threadDomain the promise of one thread, if there is one
    /// @throws VerbsException `EINVAL` when it is of another context
    ProtectionDomain allocateParentDomain(Optional<ThreadDomain> threadDomain);

    /// Makes a queue pair in state RESET.
    ///
    /// @throws VerbsException `EINVAL` for capabilities above the device's limits, completion
    ///     queues of another context, or type GSI in a domain that is not kernel code's; `EBUSY`
    ///     for a second one of type GSI; `ENOMEM` at the device's limit
    QueuePair createQueuePair(QueuePairOptions options);

    /// Gives the domain back.
    ///
    /// @throws VerbsException `EBUSY` when regions, windows or queue pairs of it are still open; it
    ///     lists them
    @Override
    void close();
}
