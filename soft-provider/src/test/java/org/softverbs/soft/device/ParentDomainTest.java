package org.softverbs.soft.device;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.softverbs.verbs.Errno;
import org.softverbs.verbs.MemoryRegion;
import org.softverbs.verbs.Mtu;
import org.softverbs.verbs.ProtectionDomain;
import org.softverbs.verbs.ThreadDomain;
import org.softverbs.verbs.VerbsException;

/// Parent domains and thread domains: what keeps what open.
class ParentDomainTest {

    private final InProcessPair pair = new InProcessPair(4096, Mtu.MTU_1024);
    private final ProtectionDomain domain = pair.left.context.allocateProtectionDomain();
    private final ThreadDomain threads = pair.left.context.allocateThreadDomain();

    private static void expectRefusal(Errno errno, Runnable action, String why) {
        assertThatThrownBy(action::run)
                .isInstanceOfSatisfying(
                        VerbsException.class,
                        refused -> assertThat(refused.errno()).isEqualTo(errno))
                .hasMessageContaining(why);
    }

    @Test
    void shouldBeClosedBeforeWhatItIsMadeOf() {
        ProtectionDomain parent = domain.allocateParentDomain(Optional.of(threads));
        MemoryRegion region = parent.registerMemory(TestNode.allocate(64), TestNode.ALL_ACCESS);
        expectRefusal(Errno.EBUSY, threads::close, "parent domain of " + domain);
        expectRefusal(Errno.EBUSY, domain::close, "parent domain of " + domain);
        expectRefusal(Errno.EBUSY, parent::close, "1 still open");
        region.close();
        parent.close();
        parent.close();
        threads.close();
        threads.close();
        domain.close();
    }

    @Test
    void shouldBeOfTheSameContext() {
        ThreadDomain others = pair.right.context.allocateThreadDomain();
        assertThat(others.context()).isSameAs(pair.right.context);
        expectRefusal(
                Errno.EINVAL,
                () -> domain.allocateParentDomain(Optional.of(others)),
                "another context");
        domain.close();
    }

    @Test
    void shouldMakeNothingWhenClosed() {
        ProtectionDomain parent = domain.allocateParentDomain(Optional.empty());
        assertThat(parent.context()).isSameAs(pair.left.context);
        ProtectionDomain second = parent.allocateParentDomain(Optional.empty());
        parent.close();
        assertThatThrownBy(() -> parent.registerMemory(TestNode.allocate(64), TestNode.ALL_ACCESS))
                .isInstanceOf(IllegalStateException.class);
        second.registerMemory(TestNode.allocate(64), TestNode.ALL_ACCESS).close();
        second.close();
        domain.close();
    }

    /// It takes no place among the device's domains.
    @Test
    void shouldKeepTheDeviceOpen() {
        expectRefusal(Errno.EBUSY, () -> pair.left.context.close(), "thread domain");
    }
}
