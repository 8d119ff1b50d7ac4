package org.softverbs.soft.device;

import java.util.Optional;
import org.softverbs.verbs.DeviceContext;
import org.softverbs.verbs.Errno;
import org.softverbs.verbs.ProtectionDomain;
import org.softverbs.verbs.ThreadDomain;
import org.softverbs.verbs.VerbsException;

/// Another face of a protection domain: what is made by it is the domain's, and keeps this open.
final class SoftParentDomain extends SoftProtectionDomain {

    private static final String ALLOCATE = "allocateParentDomain";

    private final SoftProtectionDomain parent;
    private final Optional<SoftThreadDomain> threads;

    private SoftParentDomain(SoftProtectionDomain parent, Optional<SoftThreadDomain> threads) {
        super(parent.device(), parent.identity());
        this.parent = parent;
        this.threads = threads;
    }

    /// @throws VerbsException `EINVAL` when the thread domain is of another context
    static SoftParentDomain of(SoftProtectionDomain parent, Optional<ThreadDomain> threads) {
        parent.device().requirePresent(ALLOCATE);
        Optional<SoftThreadDomain> own = threads.map(it -> own(parent.device(), it));
        SoftParentDomain domain = new SoftParentDomain(parent, own);
        if (own.isPresent()) {
            Children.addToAll(domain, parent.children(), own.get().children());
        } else {
            parent.children().add(domain);
        }
        return domain;
    }

    private static SoftThreadDomain own(SoftDevice device, ThreadDomain threads) {
        if (threads instanceof SoftThreadDomain soft && soft.device().equals(device)) {
            soft.requireOpen();
            return soft;
        }
        throw new VerbsException(Errno.EINVAL, ALLOCATE, "the thread domain is of another context");
    }

    @Override
    public DeviceContext context() {
        return parent.context();
    }

    @Override
    boolean isPrivileged() {
        return parent.isPrivileged();
    }

    /// One of a parent domain is one of the domain itself.
    @Override
    public ProtectionDomain allocateParentDomain(Optional<ThreadDomain> threadDomain) {
        requireOpen();
        return parent.allocateParentDomain(threadDomain);
    }

    @Override
    public void close() {
        if (children().closeIfNone("closeParentDomain")) {
            markClosed();
            parent.children().remove(this);
            threads.ifPresent(it -> it.children().remove(this));
        }
    }

    @Override
    public String toString() {
        return "parent domain of " + parent;
    }
}
