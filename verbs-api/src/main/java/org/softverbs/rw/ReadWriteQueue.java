package org.softverbs.rw;

import org.softverbs.verbs.PrivilegedDomain;
import org.softverbs.verbs.QueuePair;
import org.softverbs.verbs.QueuePairCapabilities;

/// A queue pair that [ReadWriteContext]s post to: its limits, and its pool of registrations.
///
/// Kernel names: `rdma_rw_init_qp`, `rdma_rw_init_mrs`.
public final class ReadWriteQueue implements AutoCloseable {

    private final QueuePair queuePair;
    private final PrivilegedDomain domain;
    private final ReadWriteLimits limits;
    private final RegionPool regions;
    private final RegionPool signatureRegions;

    /// A queue without signature registrations.
    ///
    /// @param queuePair of a privileged domain; this closes it not
    /// @param limits see [ReadWriteLimits#of]
    /// @param registrations how many registrations the pool has; none are made when the limits say
    ///     that none can be needed
    /// @throws IllegalArgumentException when the queue pair's domain is not privileged
    /// @throws org.softverbs.verbs.VerbsException as [PrivilegedDomain#allocateFastRegion]
    public ReadWriteQueue(QueuePair queuePair, ReadWriteLimits limits, int registrations) {
        this(queuePair, limits, registrations, 0);
    }

    /// @param queuePair of a privileged domain; this closes it not
    /// @param limits see [ReadWriteLimits#of]
    /// @param registrations how many registrations the pool has; none are made when the limits say
    ///     that none can be needed
    /// @param signatureRegistrations how many signature registrations it has
    /// @throws IllegalArgumentException when the queue pair's domain is not privileged
    /// @throws org.softverbs.verbs.VerbsException as [PrivilegedDomain#allocateFastRegion]
    public ReadWriteQueue(
            QueuePair queuePair,
            ReadWriteLimits limits,
            int registrations,
            int signatureRegistrations) {
        if (!(queuePair.protectionDomain() instanceof PrivilegedDomain privileged)) {
            throw new IllegalArgumentException("the queue pair's domain is not privileged");
        }
        this.queuePair = queuePair;
        this.domain = privileged;
        this.limits = limits;
        this.regions =
                RegionPool.ofFastRegions(
                        domain,
                        limits.mayRegister() ? registrations : 0,
                        limits.registrationPages());
        try {
            this.signatureRegions =
                    RegionPool.ofSignatureRegions(
                            domain, signatureRegistrations, limits.registrationPages());
        } catch (RuntimeException refused) {
            regions.close();
            throw refused;
        }
    }

    /// What a queue pair has to be created with so that so many contexts can be under way beside
    /// what the caller posts himself, each of one registration or one request at most.
    public static QueuePairCapabilities capabilities(
            QueuePairCapabilities own, ReadWriteLimits limits, int contexts) {
        return capabilities(own, limits.requestsPerContext(), contexts);
    }

    /// The same for contexts of several registrations, several requests or a signature.
    ///
    /// @param requests that each has at most, see [ReadWriteLimits#requestsPerContext(int,boolean)]
    public static QueuePairCapabilities capabilities(
            QueuePairCapabilities own, int requests, int contexts) {
        return new QueuePairCapabilities(
                own.maxSendRequests() + requests * contexts,
                own.maxReceiveRequests(),
                own.maxSendSge(),
                own.maxReceiveSge(),
                own.maxInlineData());
    }

    public QueuePair queuePair() {
        return queuePair;
    }

    public PrivilegedDomain domain() {
        return domain;
    }

    public ReadWriteLimits limits() {
        return limits;
    }

    public RegionPool regions() {
        return regions;
    }

    public RegionPool signatureRegions() {
        return signatureRegions;
    }

    /// Gives the registrations back. Contexts must be closed before.
    @Override
    public void close() {
        regions.close();
        signatureRegions.close();
    }
}
