package org.softverbs.soft.device;

import java.util.List;
import org.softverbs.soft.memory.PageableMemory;
import org.softverbs.soft.memory.RegionMemory;
import org.softverbs.verbs.AccessFlag;
import org.softverbs.verbs.Errno;
import org.softverbs.verbs.MemoryAdvice;
import org.softverbs.verbs.Sge;
import org.softverbs.verbs.VerbsException;

/// Carries out what a program tells of its memory. For the owner.
final class MemoryAdviser {

    private static final String ADVISE = "advise";

    private final SoftProtectionDomain domain;

    MemoryAdviser(SoftProtectionDomain domain) {
        this.domain = domain;
    }

    /// All or nothing.
    void advise(MemoryAdvice advice, List<Sge> ranges) {
        ranges.forEach(range -> check(advice, range));
        if (advice != MemoryAdvice.PREFETCH_NO_FAULT) {
            for (Sge range : ranges) {
                memory(range).prefetch(range.address(), length(range));
            }
        }
    }

    private static long length(Sge range) {
        return Integer.toUnsignedLong(range.length());
    }

    private PageableMemory memory(Sge range) {
        RegionMemory memory = domain.device().keys().region(range.localKey());
        if (memory == null) {
            throw refused(Errno.ENOENT, range, "is no region's");
        }
        if (memory.domain() != domain.number()) {
            throw refused(Errno.EPERM, range, "is that of another protection domain");
        }
        if (memory instanceof PageableMemory onDemand) {
            return onDemand;
        }
        throw refused(Errno.EINVAL, range, "is that of a region without ON_DEMAND");
    }

    private void check(MemoryAdvice advice, Sge range) {
        PageableMemory memory = memory(range);
        boolean writable = (memory.accessBits() & AccessFlag.LOCAL_WRITE.bit()) != 0;
        if (advice == MemoryAdvice.PREFETCH_WRITE && !writable) {
            throw refused(Errno.EPERM, range, "is that of a region without LOCAL_WRITE");
        }
        if (!memory.covers(range.address(), length(range))) {
            throw refused(Errno.EFAULT, range, "does not open all of " + range);
        }
    }

    private static VerbsException refused(Errno errno, Sge range, String why) {
        return new VerbsException(
                errno, ADVISE, "key 0x" + Integer.toHexString(range.localKey()) + " " + why);
    }
}
