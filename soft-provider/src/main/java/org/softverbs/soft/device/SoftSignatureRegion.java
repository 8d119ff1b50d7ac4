package org.softverbs.soft.device;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.softverbs.dma.DmaSegment;
import org.softverbs.soft.memory.AccessResult;
import org.softverbs.soft.memory.AddressedMemory;
import org.softverbs.soft.memory.DmaRanges;
import org.softverbs.soft.memory.FastMemory;
import org.softverbs.soft.memory.SignatureMapping;
import org.softverbs.verbs.Errno;
import org.softverbs.verbs.SignatureAttributes;
import org.softverbs.verbs.SignatureDomain;
import org.softverbs.verbs.SignatureError;
import org.softverbs.verbs.SignatureRegion;
import org.softverbs.verbs.VerbsException;

/// A signature registration as its user sees it.
final class SoftSignatureRegion extends SoftFastRegion implements SignatureRegion {

    private static final String MAP = "mapProtected";
    private static final String CHECK = "checkStatus";
    private static final long PAGE = 4096;

    private volatile Optional<SignatureMapping> signature = Optional.empty();

    SoftSignatureRegion(SoftPrivilegedDomain domain, FastMemory memory, int maxPages) {
        super(domain, memory, maxPages);
    }

    @Override
    public int mapSegments(List<DmaSegment> segments, long offset, int pageSize) {
        int whole = super.mapSegments(segments, offset, pageSize);
        signature = Optional.empty();
        return whole;
    }

    @Override
    public void mapProtected(
            List<DmaSegment> data, List<DmaSegment> tuples, SignatureAttributes attributes) {
        requireOpen();
        int blockSize = attributes.blockSize();
        long bytes = total("data", data);
        if (bytes == 0 || bytes % blockSize != 0) {
            throw refused(bytes + " bytes of data are no whole blocks of " + blockSize);
        }
        long blocks = bytes / blockSize;
        long expected = attributes.memory().isPresent() ? blocks * SignatureDomain.TUPLE : 0;
        if (total("tuples", tuples) != expected) {
            throw refused(
                    "%d blocks in memory have %d bytes of tuples, not %d"
                            .formatted(blocks, expected, total("tuples", tuples)));
        }
        AddressedMemory memory = device().attachment().memory();
        SignatureMapping mapped =
                new SignatureMapping(
                        new DmaRanges(memory, data),
                        blocks,
                        new DmaRanges(memory, tuples),
                        attributes);
        signature = Optional.of(mapped);
        List<DmaSegment> ranges = new ArrayList<>(data);
        ranges.addAll(tuples);
        map(mapped, ranges);
    }

    @Override
    boolean isLinear() {
        return signature.isEmpty();
    }

    /// Bytes of segments that fit into this region.
    private long total(String what, List<DmaSegment> segments) {
        long bytes = 0;
        long pages = 0;
        for (DmaSegment segment : segments) {
            long first = segment.address() & -PAGE;
            bytes += segment.length();
            pages += Math.ceilDiv(segment.address() + segment.length() - first, PAGE);
        }
        if (pages > maxPages()) {
            throw new VerbsException(
                    Errno.ENOMEM,
                    MAP,
                    what + " needs " + pages + " pages, more than the region's " + maxPages());
        }
        return bytes;
    }

    private static VerbsException refused(String reason) {
        return new VerbsException(Errno.EINVAL, MAP, reason);
    }

    @Override
    public Optional<SignatureError> checkStatus(boolean arrived) {
        requireOpen();
        SignatureMapping mapped =
                signature.orElseThrow(
                        () -> new VerbsException(Errno.EINVAL, CHECK, "nothing was mapped"));
        return device().owner().call(() -> check(mapped, arrived));
    }

    private static Optional<SignatureError> check(SignatureMapping mapped, boolean arrived) {
        AccessResult result = arrived ? mapped.checkArrived() : AccessResult.GRANTED;
        if (result != AccessResult.GRANTED) {
            throw new VerbsException(Errno.EFAULT, CHECK, result.reason());
        }
        return mapped.error();
    }
}
