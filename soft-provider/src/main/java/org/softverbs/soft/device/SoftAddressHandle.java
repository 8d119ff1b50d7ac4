package org.softverbs.soft.device;

import org.softverbs.soft.packet.Path;
import org.softverbs.verbs.AddressHandle;
import org.softverbs.verbs.AddressVector;
import org.softverbs.verbs.ProtectionDomain;

/// An address handle: a path that was checked.
final class SoftAddressHandle extends Resource implements AddressHandle {

    static final String CREATE = "createAddressHandle";

    private final SoftProtectionDomain domain;
    private final int number;
    private final AddressVector vector;
    private final Path path;

    SoftAddressHandle(SoftProtectionDomain domain, int number, AddressVector vector, Path path) {
        this.domain = domain;
        this.number = number;
        this.vector = vector;
        this.path = path;
    }

    SoftProtectionDomain domain() {
        return domain;
    }

    Path path() {
        return path;
    }

    @Override
    public ProtectionDomain protectionDomain() {
        return domain;
    }

    @Override
    public AddressVector addressVector() {
        return vector;
    }

    @Override
    public void close() {
        if (markClosed()) {
            domain.device().closed(this);
        }
    }

    @Override
    public String toString() {
        return "address handle " + number;
    }
}
