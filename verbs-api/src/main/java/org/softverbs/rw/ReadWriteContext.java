package org.softverbs.rw;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.softverbs.dma.BioVector;
import org.softverbs.dma.DmaDevice;
import org.softverbs.dma.DmaDirection;
import org.softverbs.dma.DmaMapping;
import org.softverbs.dma.DmaSegment;
import org.softverbs.dma.PhysicalVector;
import org.softverbs.verbs.Errno;
import org.softverbs.verbs.FastRegion;
import org.softverbs.verbs.PostException;
import org.softverbs.verbs.SendFlag;
import org.softverbs.verbs.SendWorkRequest;
import org.softverbs.verbs.Sge;
import org.softverbs.verbs.SignatureAttributes;
import org.softverbs.verbs.SignatureError;
import org.softverbs.verbs.SignatureRegion;
import org.softverbs.verbs.VerbsException;

/// One RDMA READ or WRITE of any memory: mapped, described by elements or by registrations, posted
/// as as many requests as that takes, and undone when it is closed.
///
/// ```
/// try (var io = ReadWriteContext.overScatterList(queue, memory, 0, address, key, FROM_DEVICE)) {
///     io.post(id);
///     // wait for the completion with this id
/// }
/// ```
///
/// All requests carry the id that is posted with; the last is signaled. An error gives a completion
/// for each request from the one that failed on.
///
/// Used by one thread at a time, posted once. Kernel name: `struct rdma_rw_ctx`.
public final class ReadWriteContext implements AutoCloseable {

    private static final String CREATE = "readWriteContext";
    private static final Set<SendFlag> LAST = Set.of(SendFlag.SIGNALED);

    private final ReadWriteQueue queue;
    private final DmaMapping mapping;
    private final ReadWriteDecision decision;
    private final List<FastRegion> regions;
    private final Optional<DmaMapping> tuples;
    private final long remoteAddress;
    private final int remoteKey;
    private boolean built;
    private boolean closed;

    private ReadWriteContext(
            ReadWriteQueue queue,
            DmaMapping mapping,
            ReadWriteDecision decision,
            List<FastRegion> regions,
            Optional<DmaMapping> tuples,
            long remoteAddress,
            int remoteKey) {
        this.queue = queue;
        this.mapping = mapping;
        this.decision = decision;
        this.regions = regions;
        this.tuples = tuples;
        this.remoteAddress = remoteAddress;
        this.remoteKey = remoteKey;
    }

    /// An I/O over the elements of a scatter list (`rdma_rw_ctx_init`).
    ///
    /// @param memory the local memory, in order
    /// @param offset bytes of it to leave out at the front
    /// @param remoteAddress the peer's memory, in the address space of its key
    /// @param remoteKey the peer's key
    /// @param direction `FROM_DEVICE` for an RDMA READ, `TO_DEVICE` for an RDMA WRITE
    /// @throws IllegalArgumentException for an offset outside the memory, or `BIDIRECTIONAL`
    /// @throws VerbsException as [org.softverbs.dma.DmaDevice#map], and `EAGAIN` when registrations
    ///     are needed and the pool has too few now; nothing is left mapped
    public static ReadWriteContext overScatterList(
            ReadWriteQueue queue,
            PhysicalVector memory,
            long offset,
            long remoteAddress,
            int remoteKey,
            DmaDirection direction) {
        return create(
                queue,
                VectorKind.SCATTER_LIST,
                offset == 0 ? memory : new BioVector(memory, offset, memory.total() - offset),
                remoteAddress,
                remoteKey,
                direction);
    }

    /// An I/O over the elements of a bio vector (`rdma_rw_ctx_init_bvec`).
    ///
    /// @param memory the local memory, in order
    /// @param remoteAddress the peer's memory, in the address space of its key
    /// @param remoteKey the peer's key
    /// @param direction `FROM_DEVICE` for an RDMA READ, `TO_DEVICE` for an RDMA WRITE
    /// @throws IllegalArgumentException for `BIDIRECTIONAL`
    /// @throws VerbsException as [#overScatterList]
    public static ReadWriteContext overBioVector(
            ReadWriteQueue queue,
            BioVector memory,
            long remoteAddress,
            int remoteKey,
            DmaDirection direction) {
        return create(queue, VectorKind.BIO_VECTOR, memory, remoteAddress, remoteKey, direction);
    }

    private static ReadWriteContext create(
            ReadWriteQueue queue,
            VectorKind kind,
            PhysicalVector memory,
            long remoteAddress,
            int remoteKey,
            DmaDirection direction) {
        checkDirection(direction);
        DmaMapping mapping = queue.domain().context().dma().map(memory, direction);
        try {
            ReadWritePlanner planner = new ReadWritePlanner(queue.limits());
            ReadWriteDecision decision = planner.decide(kind, memory.count(), mapping);
            List<FastRegion> regions = List.of();
            if (decision.strategy() == ReadWriteStrategy.MR) {
                regions = register(queue, mapping);
                if (regions.isEmpty()) {
                    decision =
                            planner.decideWithoutRegistration(mapping)
                                    .orElseThrow(() -> noRegistration(queue.regions()));
                }
            }
            return new ReadWriteContext(
                    queue, mapping, decision, regions, Optional.empty(), remoteAddress, remoteKey);
        } catch (RuntimeException refused) {
            mapping.close();
            throw refused;
        }
    }

    private static void checkDirection(DmaDirection direction) {
        if (direction == DmaDirection.BIDIRECTIONAL) {
            throw new IllegalArgumentException("an I/O is a READ or a WRITE, not BIDIRECTIONAL");
        }
    }

    private static VerbsException noRegistration(RegionPool pool) {
        return new VerbsException(
                Errno.EAGAIN,
                CREATE,
                "the pool has too few registrations free now: " + pool.available());
    }

    /// An I/O whose blocks have protection information in memory, on the wire or on both sides
    /// (`rdma_rw_ctx_signature_init`). When its completion has come, [#checkSignature] tells
    /// whether all of it was right.
    ///
    /// @param data whole blocks
    /// @param tuples 8 bytes for each block, when memory has protection information
    /// @param attributes what either side has
    /// @param remoteAddress the peer's memory, in the address space of its key
    /// @param remoteKey the peer's key
    /// @param direction `FROM_DEVICE` for an RDMA READ, `TO_DEVICE` for an RDMA WRITE
    /// @throws IllegalArgumentException for `BIDIRECTIONAL`
    /// @throws VerbsException as [#overScatterList], and as [SignatureRegion#mapProtected]
    public static ReadWriteContext withSignature(
            ReadWriteQueue queue,
            PhysicalVector data,
            Optional<PhysicalVector> tuples,
            SignatureAttributes attributes,
            long remoteAddress,
            int remoteKey,
            DmaDirection direction) {
        checkDirection(direction);
        List<FastRegion> regions = queue.signatureRegions().take(1);
        if (regions.isEmpty()) {
            throw noRegistration(queue.signatureRegions());
        }
        List<DmaMapping> mappings = new ArrayList<>();
        DmaDevice dma = queue.domain().context().dma();
        try {
            mappings.add(dma.map(data, direction));
            // Tuples are read and written by whoever generates and checks them.
            tuples.ifPresent(it -> mappings.add(dma.map(it, DmaDirection.BIDIRECTIONAL)));
            List<DmaSegment> protection =
                    mappings.size() == 1 ? List.of() : mappings.getLast().segments();
            signature(regions).mapProtected(mappings.getFirst().segments(), protection, attributes);
            return new ReadWriteContext(
                    queue,
                    mappings.getFirst(),
                    new ReadWriteDecision(
                            ReadWriteStrategy.SIGNATURE,
                            "the device generates or checks protection information of each block"),
                    regions,
                    mappings.size() == 1 ? Optional.empty() : Optional.of(mappings.getLast()),
                    remoteAddress,
                    remoteKey);
        } catch (RuntimeException refused) {
            mappings.forEach(DmaMapping::close);
            queue.signatureRegions().give(regions);
            throw refused;
        }
    }

    private static SignatureRegion signature(List<FastRegion> regions) {
        return (SignatureRegion) regions.getFirst();
    }

    /// Whether the protection information was right. To be asked when the completion has come, and
    /// before [#close]: earlier it tells of what has come so far.
    ///
    /// Kernel name: `ib_check_mr_status`.
    ///
    /// @return the first error, or nothing
    /// @throws IllegalStateException for an I/O without a signature, and one that was not posted or
    ///     is closed
    public Optional<SignatureError> checkSignature() {
        if (decision.strategy() != ReadWriteStrategy.SIGNATURE) {
            throw new IllegalStateException("the I/O has no signature");
        }
        if (closed || !built) {
            throw new IllegalStateException(closed ? "the context is closed" : "not posted yet");
        }
        return signature(regions).checkStatus(mapping.direction() == DmaDirection.FROM_DEVICE);
    }

    /// @return nothing when the pool has too few
    private static List<FastRegion> register(ReadWriteQueue queue, DmaMapping mapping) {
        List<List<DmaSegment>> pieces =
                RegistrationPieces.of(mapping.segments(), queue.limits().registrationPages());
        List<FastRegion> taken = queue.regions().take(pieces.size());
        try {
            for (int i = 0; i < taken.size(); i++) {
                fill(taken.get(i), pieces.get(i));
            }
            return taken;
        } catch (RuntimeException refused) {
            queue.regions().give(taken);
            throw refused;
        }
    }

    private static void fill(FastRegion region, List<DmaSegment> piece) {
        int whole = region.mapSegments(piece, 0, RegistrationPieces.PAGE);
        if (whole != piece.size()) {
            throw new IllegalStateException(
                    "a registration took " + whole + " of " + piece.size() + " segments");
        }
    }

    /// How the memory is described, and why.
    public ReadWriteDecision decision() {
        return decision;
    }

    /// Registrations that it uses.
    public int registrations() {
        return regions.size();
    }

    /// What makes the memory reachable.
    public DmaMapping mapping() {
        return mapping;
    }

    /// How the memory is named in the requests.
    public RegistrationResult registration() {
        if (!regions.isEmpty()) {
            return new RegistrationResult.Registered(
                    regions.stream().map(ReadWriteContext::element).toList());
        }
        List<Sge> elements = SgeBuilder.elements(queue.domain(), mapping.segments());
        return elements.size() == 1
                ? new RegistrationResult.NoRegistrationNeeded(elements.getFirst())
                : new RegistrationResult.Elements(elements);
    }

    private static Sge element(FastRegion region) {
        return region.element(0, region.length());
    }

    /// Posts the requests, all or none; the last gives a completion.
    ///
    /// @param id of all of them
    /// @throws IllegalStateException when it was posted or closed
    /// @throws PostException when the queue pair refuses one; none is posted, and this may be
    ///     posted again
    public void post(long id) {
        post(requests(id).build(LAST));
    }

    /// Posts the requests and one of the caller's behind them, all or none, with one notice to the
    /// device. None but that one gives a completion.
    ///
    /// @param last for example the SEND that tells the peer of the data
    /// @throws IllegalStateException when it was posted or closed
    /// @throws PostException when the queue pair refuses one; none is posted, and this may be
    ///     posted again
    public void post(SendWorkRequest last) {
        List<SendWorkRequest> all = requests(last.id()).build(Set.of());
        all.add(last);
        post(all);
    }

    private void post(List<SendWorkRequest> all) {
        try {
            queue.queuePair().postSendAll(all);
        } catch (RuntimeException refused) {
            built = false;
            throw refused;
        }
    }

    /// The requests, for a caller who posts them himself: all of them, once, on the queue pair of
    /// this ([org.softverbs.verbs.QueuePair#postSendAll]).
    ///
    /// @param id of all of them
    /// @throws IllegalStateException when they were built or this was closed
    public List<SendWorkRequest> workRequests(long id) {
        return requests(id).build(LAST);
    }

    private ReadWriteRequests requests(long id) {
        if (built || closed) {
            throw new IllegalStateException(closed ? "the context is closed" : "posted before");
        }
        built = true;
        ReadWriteRequests requests =
                new ReadWriteRequests(
                        queue.limits(), mapping.direction(), id, remoteAddress, remoteKey);
        if (regions.isEmpty()) {
            requests.addElements(SgeBuilder.elements(queue.domain(), mapping.segments()));
        } else {
            regions.forEach(requests::addRegistered);
        }
        return requests;
    }

    /// Undoes the mapping and gives the registrations back, valid or not. To be called when the
    /// completion has come, or when it was not posted.
    @Override
    public void close() {
        if (!closed) {
            closed = true;
            boolean signed = decision.strategy() == ReadWriteStrategy.SIGNATURE;
            (signed ? queue.signatureRegions() : queue.regions()).give(regions);
            mapping.close();
            tuples.ifPresent(DmaMapping::close);
        }
    }
}
