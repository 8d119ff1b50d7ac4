package org.softverbs.verbs;

import java.util.List;
import java.util.Set;

/// A request for the send queue: one record per operation, so that a request cannot carry fields
/// that its operation does not have.
///
/// Verbs name: `ibv_send_wr` / `ib_send_wr`, by `opcode`.
public sealed interface SendWorkRequest extends WorkRequest {

    /// How the request is carried out.
    Set<SendFlag> flags();

    /// SEND: the peer's next receive takes the message. (`IBV_WR_SEND`)
    ///
    /// @param id given back in the completion
    /// @param elements the message
    /// @param flags how it is carried out
    record Send(long id, List<Sge> elements, Set<SendFlag> flags) implements SendWorkRequest {
        public Send {
            elements = List.copyOf(elements);
            flags = Set.copyOf(flags);
        }
    }

    /// SEND with immediate data. (`IBV_WR_SEND_WITH_IMM`)
    ///
    /// @param id given back in the completion
    /// @param elements the message
    /// @param immediate 32 bits in network order, given to the peer's completion
    /// @param flags how it is carried out
    record SendWithImmediate(long id, List<Sge> elements, int immediate, Set<SendFlag> flags)
            implements SendWorkRequest {
        public SendWithImmediate {
            elements = List.copyOf(elements);
            flags = Set.copyOf(flags);
        }
    }

    /// SEND that also invalidates a key of the peer. (`IBV_WR_SEND_WITH_INV`)
    ///
    /// @param id given back in the completion
    /// @param elements the message
    /// @param invalidateKey the peer's key to invalidate
    /// @param flags how it is carried out
    record SendWithInvalidate(long id, List<Sge> elements, int invalidateKey, Set<SendFlag> flags)
            implements SendWorkRequest {
        public SendWithInvalidate {
            elements = List.copyOf(elements);
            flags = Set.copyOf(flags);
        }
    }

    /// SEND of a datagram. One of more bytes than the port's MTU has room for is not sent, and
    /// completes with success all the same (C10-93.1.1). (`IBV_WR_SEND` of a UD queue pair)
    ///
    /// @param id given back in the completion
    /// @param elements the message
    /// @param destination where it goes
    /// @param flags how it is carried out
    record SendDatagram(
            long id, List<Sge> elements, DatagramDestination destination, Set<SendFlag> flags)
            implements SendWorkRequest {
        public SendDatagram {
            elements = List.copyOf(elements);
            flags = Set.copyOf(flags);
        }
    }

    /// SEND of a datagram with immediate data. (`IBV_WR_SEND_WITH_IMM` of a UD queue pair)
    ///
    /// @param id given back in the completion
    /// @param elements the message
    /// @param destination where it goes
    /// @param immediate 32 bits in network order, given to the peer's completion
    /// @param flags how it is carried out
    record SendDatagramWithImmediate(
            long id,
            List<Sge> elements,
            DatagramDestination destination,
            int immediate,
            Set<SendFlag> flags)
            implements SendWorkRequest {
        public SendDatagramWithImmediate {
            elements = List.copyOf(elements);
            flags = Set.copyOf(flags);
        }
    }

    /// RDMA WRITE into the peer's memory. (`IBV_WR_RDMA_WRITE`)
    ///
    /// @param id given back in the completion
    /// @param elements the data
    /// @param remoteAddress where it goes, in the address space of the remote key
    /// @param remoteKey the peer's key
    /// @param flags how it is carried out
    record RdmaWrite(
            long id, List<Sge> elements, long remoteAddress, int remoteKey, Set<SendFlag> flags)
            implements SendWorkRequest {
        public RdmaWrite {
            elements = List.copyOf(elements);
            flags = Set.copyOf(flags);
        }
    }

    /// RDMA WRITE that also consumes a receive of the peer. (`IBV_WR_RDMA_WRITE_WITH_IMM`)
    ///
    /// @param id given back in the completion
    /// @param elements the data
    /// @param remoteAddress where it goes, in the address space of the remote key
    /// @param remoteKey the peer's key
    /// @param immediate 32 bits in network order, given to the peer's completion
    /// @param flags how it is carried out
    record RdmaWriteWithImmediate(
            long id,
            List<Sge> elements,
            long remoteAddress,
            int remoteKey,
            int immediate,
            Set<SendFlag> flags)
            implements SendWorkRequest {
        public RdmaWriteWithImmediate {
            elements = List.copyOf(elements);
            flags = Set.copyOf(flags);
        }
    }

    /// RDMA READ from the peer's memory. (`IBV_WR_RDMA_READ`)
    ///
    /// @param id given back in the completion
    /// @param elements where the data is placed
    /// @param remoteAddress where it comes from, in the address space of the remote key
    /// @param remoteKey the peer's key
    /// @param flags how it is carried out
    record RdmaRead(
            long id, List<Sge> elements, long remoteAddress, int remoteKey, Set<SendFlag> flags)
            implements SendWorkRequest {
        public RdmaRead {
            elements = List.copyOf(elements);
            flags = Set.copyOf(flags);
        }
    }

    /// Atomic compare and swap on 8 aligned bytes of the peer. The old value is placed in the
    /// element in the byte order of this host. (`IBV_WR_ATOMIC_CMP_AND_SWP`)
    ///
    /// @param id given back in the completion
    /// @param elements one element of 8 bytes for the old value
    /// @param remoteAddress address of the 8 bytes, a multiple of 8
    /// @param remoteKey the peer's key
    /// @param compare the value that must be there
    /// @param swap the value that takes its place
    /// @param flags how it is carried out
    record CompareAndSwap(
            long id,
            List<Sge> elements,
            long remoteAddress,
            int remoteKey,
            long compare,
            long swap,
            Set<SendFlag> flags)
            implements SendWorkRequest {
        public CompareAndSwap {
            elements = List.copyOf(elements);
            flags = Set.copyOf(flags);
        }
    }

    /// Atomic fetch and add on 8 aligned bytes of the peer. The old value is placed in the element
    /// in the byte order of this host. (`IBV_WR_ATOMIC_FETCH_AND_ADD`)
    ///
    /// @param id given back in the completion
    /// @param elements one element of 8 bytes for the old value
    /// @param remoteAddress address of the 8 bytes, a multiple of 8
    /// @param remoteKey the peer's key
    /// @param add what is added
    /// @param flags how it is carried out
    record FetchAndAdd(
            long id,
            List<Sge> elements,
            long remoteAddress,
            int remoteKey,
            long add,
            Set<SendFlag> flags)
            implements SendWorkRequest {
        public FetchAndAdd {
            elements = List.copyOf(elements);
            flags = Set.copyOf(flags);
        }
    }

    /// Writes 8 aligned bytes of the peer at once: nobody there sees some of them without the
    /// others. It waits for its turn as READs and atomics do. (`IBV_WR_ATOMIC_WRITE`)
    ///
    /// @param id given back in the completion
    /// @param value the 8 bytes, in the byte order of this host
    /// @param remoteAddress address of the 8 bytes, a multiple of 8
    /// @param remoteKey the peer's key, with the right of a WRITE
    /// @param flags how it is carried out
    record AtomicWrite(long id, long value, long remoteAddress, int remoteKey, Set<SendFlag> flags)
            implements SendWorkRequest {
        public AtomicWrite {
            flags = Set.copyOf(flags);
        }

        /// The value is in the request.
        @Override
        public List<Sge> elements() {
            return List.of();
        }
    }

    /// Has what was written before it on this queue pair come as far as `types` say, before it
    /// completes. (`IBV_WR_FLUSH`)
    ///
    /// @param id given back in the completion
    /// @param remoteAddress first byte, in the address space of the remote key
    /// @param length bytes, at most 2^31
    /// @param remoteKey the peer's key, with the rights of [PlacementType#access()]
    /// @param types at least one
    /// @param level which bytes it is for
    /// @param flags how it is carried out
    record Flush(
            long id,
            long remoteAddress,
            long length,
            int remoteKey,
            Set<PlacementType> types,
            SelectivityLevel level,
            Set<SendFlag> flags)
            implements SendWorkRequest {
        public Flush {
            types = Set.copyOf(types);
            flags = Set.copyOf(flags);
        }

        /// A FLUSH has no data.
        @Override
        public List<Sge> elements() {
            return List.of();
        }
    }

    /// RDMA READ that ends the registration it reads into when it is done. A queue pair over RoCE
    /// refuses it: there the memory of a READ needs no registration that the peer knows.
    /// (`IB_WR_RDMA_READ_WITH_INV`)
    ///
    /// @param id given back in the completion
    /// @param elements where the data is placed
    /// @param remoteAddress where it comes from, in the address space of the remote key
    /// @param remoteKey the peer's key
    /// @param invalidateKey the own key to invalidate
    /// @param flags how it is carried out
    record RdmaReadWithInvalidate(
            long id,
            List<Sge> elements,
            long remoteAddress,
            int remoteKey,
            int invalidateKey,
            Set<SendFlag> flags)
            implements SendWorkRequest {
        public RdmaReadWithInvalidate {
            elements = List.copyOf(elements);
            flags = Set.copyOf(flags);
        }
    }

    /// A request to a shared receive queue of the target's domain; of an
    /// [QueuePairType#XRC_SEND] queue pair. (`qp_type.xrc` of `ibv_send_wr`)
    ///
    /// @param request what the peer is to do: no datagram, nothing local
    /// @param sharedReceiveQueue number of the queue there
    record ToSharedReceiveQueue(SendWorkRequest request, int sharedReceiveQueue)
            implements SendWorkRequest {
        public ToSharedReceiveQueue {
            switch (request) {
                case Send _,
                        SendWithImmediate _,
                        SendWithInvalidate _,
                        RdmaWrite _,
                        RdmaWriteWithImmediate _,
                        RdmaRead _,
                        CompareAndSwap _,
                        FetchAndAdd _,
                        AtomicWrite _,
                        Flush _ -> {}
                case SendDatagram _,
                        SendDatagramWithImmediate _,
                        RdmaReadWithInvalidate _,
                        ToSharedReceiveQueue _,
                        LocalOperation _ ->
                        throw new IllegalArgumentException(
                                request + " is for no shared receive queue");
            }
        }

        @Override
        public long id() {
            return request.id();
        }

        @Override
        public List<Sge> elements() {
            return request.elements();
        }

        @Override
        public Set<SendFlag> flags() {
            return request.flags();
        }
    }

    /// A request that this side carries out alone, in its turn on the send queue: nothing of it
    /// goes on the wire. It completes in order.
    sealed interface LocalOperation extends SendWorkRequest {

        /// A local operation has no data.
        @Override
        default List<Sge> elements() {
            return List.of();
        }
    }

    /// Binds a memory window of type 2. (`IBV_WR_BIND_MW`)
    ///
    /// @param id given back in the completion
    /// @param window a window of type 2 that is not bound
    /// @param remoteKey its new remote key: the window's but for the low 8 bits, which are the
    ///     caller's
    /// @param binding what it is bound to
    /// @param flags how it is carried out
    record BindMemoryWindow(
            long id,
            MemoryWindow window,
            int remoteKey,
            MemoryWindowBinding binding,
            Set<SendFlag> flags)
            implements LocalOperation {
        public BindMemoryWindow {
            flags = Set.copyOf(flags);
        }
    }

    /// Ends a memory window of type 2 or a fast registration of this side, when all requests before
    /// it are completed. (`IBV_WR_LOCAL_INV`)
    ///
    /// @param id given back in the completion
    /// @param key the key to invalidate
    /// @param flags how it is carried out
    record LocalInvalidate(long id, int key, Set<SendFlag> flags) implements LocalOperation {
        public LocalInvalidate {
            flags = Set.copyOf(flags);
        }
    }

    /// Makes a fast registration of what was mapped last. (`IB_WR_REG_MR`)
    ///
    /// @param id given back in the completion
    /// @param region a region that is not valid
    /// @param key its new key, local and remote: the region's but for the low 8 bits, which are the
    ///     caller's
    /// @param access what it may be used for
    /// @param flags how it is carried out
    record RegisterMemory(
            long id, FastRegion region, int key, Set<AccessFlag> access, Set<SendFlag> flags)
            implements LocalOperation {
        public RegisterMemory {
            access = Set.copyOf(access);
            flags = Set.copyOf(flags);
        }
    }
}
