package org.softverbs.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.softverbs.verbs.AddressHandle;
import org.softverbs.verbs.AddressVector;
import org.softverbs.verbs.Errno;
import org.softverbs.verbs.PortState;
import org.softverbs.verbs.PrivilegedDomain;

/// Rows RUT-AH and PYV-ADDR: making address handles and giving them back.
@Conformance
class AddressHandleTest {

    private static AddressVector vector(Node to) {
        return new AddressVector(to.context().gidTable(1).getFirst().gid(), 0);
    }

    @Test
    @Tag("RUT-AH-001")
    void shouldCarryItsContextAndDomain(Rig rig) {
        PrivilegedDomain domain = rig.left().newDomain();
        AddressHandle handle = domain.createAddressHandle(vector(rig.right()));
        assertThat(handle.protectionDomain()).isSameAs(domain);
        assertThat(handle.protectionDomain().context()).isSameAs(rig.left().context());
        assertThat(handle.addressVector()).isEqualTo(vector(rig.right()));
        handle.close();
        domain.close();
    }

    @Test
    @Tag("RUT-AH-002")
    @Decision(Expect.CLOSED_TWICE)
    void shouldEndOnce(Rig rig) {
        PrivilegedDomain domain = rig.left().newDomain();
        AddressHandle gone = domain.createAddressHandle(vector(rig.right()));
        gone.close();
        AddressHandle younger = domain.createAddressHandle(vector(rig.right()));
        gone.close();
        Expect.refused(Errno.EBUSY, domain::close);
        younger.close();
        domain.close();
    }

    @Test
    @Tag("PYV-ADDR-001")
    void shouldBeMadeForEachGidOfAnActivePort(Rig rig) {
        assertThat(rig.left().context().queryPort(1).state()).isEqualTo(PortState.ACTIVE);
        assertThat(rig.left().context().gidTable(1)).isNotEmpty();
        for (var row : rig.left().context().gidTable(1)) {
            AddressVector vector = new AddressVector(row.gid(), row.index(), 1, 9, 3, 2, 1);
            try (AddressHandle handle = rig.left().domain().createAddressHandle(vector)) {
                assertThat(handle.addressVector()).isEqualTo(vector);
            }
        }
    }
}
