package org.softverbs.soft.link.netty;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.net.InetAddress;
import org.junit.jupiter.api.Test;
import org.softverbs.verbs.GlobalIdentifier;

/// Who is remembered, and what finding a peer costs.
class PeerTableTest {

    private static final int LOOKUPS = 10_000;

    private final PeerTable peers = new PeerTable(gid("10.0.0.1"), UdpLink.PORT);
    private final ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();

    private static InetAddress address(String text) {
        return InetAddress.ofLiteral(text);
    }

    private static GlobalIdentifier gid(String text) {
        return GlobalIdentifier.of(address(text));
    }

    private static InetAddress other(int number) {
        return address("10.1." + (number >> 8) + "." + (number & 0xff));
    }

    @Test
    void shouldKeepNobodyWhoSentNothingRight() {
        Peer friend = peers.to(gid("10.0.0.2"));
        for (int i = 0; i <= PeerTable.CAPACITY; i++) {
            peers.from(other(i));
        }
        assertThat(peers.size()).isEqualTo(1);
        assertThat(peers.from(address("10.0.0.2"))).isSameAs(friend);
        assertThat(peers.to(gid("10.0.0.2"))).isSameAs(friend);
    }

    @Test
    void shouldKeepWhoSentSomethingRight() {
        Peer friend = peers.from(address("10.0.0.2"));
        peers.keep(friend);
        peers.from(address("10.0.0.3"));
        assertThat(peers.to(gid("10.0.0.2"))).isSameAs(friend);
        assertThat(peers.from(address("10.0.0.2"))).isSameAs(friend);
        assertThat(peers.size()).isEqualTo(1);
    }

    /// Its ICRC state must last from packet to packet.
    @Test
    void shouldKnowAStrangerAgainWhenItSendsTwiceInARow() {
        Peer stranger = peers.from(address("10.0.0.2"));
        assertThat(peers.from(address("10.0.0.2"))).isSameAs(stranger);
    }

    @Test
    void shouldForgetWhoWasSilentLongest() {
        Peer first = peers.to(gid("10.0.0.2"));
        Peer second = peers.keep(peers.from(address("10.0.0.3")));
        for (int i = 0; i < PeerTable.CAPACITY - 2; i++) {
            peers.keep(peers.from(other(i)));
        }
        assertThat(peers.to(gid("10.0.0.2"))).isSameAs(first);
        peers.keep(peers.from(other(PeerTable.CAPACITY)));
        assertThat(peers.size()).isEqualTo(PeerTable.CAPACITY);
        assertThat(peers.to(gid("10.0.0.2"))).isSameAs(first);
        assertThat(peers.to(gid("10.0.0.3"))).isNotSameAs(second);
    }

    @Test
    void shouldAllocateNothingToFindTwoPeersInTurn() {
        GlobalIdentifier left = gid("10.0.0.2");
        GlobalIdentifier right = gid("10.0.0.3");
        InetAddress leftAddress = address("10.0.0.2");
        InetAddress rightAddress = address("10.0.0.3");
        long least = Long.MAX_VALUE;
        // A compilation may allocate a little on its own account: one clean round is proof.
        for (int round = 0; round < 30 && least > 0; round++) {
            long before = threads.getCurrentThreadAllocatedBytes();
            for (int i = 0; i < LOOKUPS; i++) {
                peers.to(left);
                peers.to(right);
                peers.keep(peers.from(leftAddress));
                peers.keep(peers.from(rightAddress));
            }
            least = Math.min(least, threads.getCurrentThreadAllocatedBytes() - before);
        }
        assertThat(least).isZero();
        assertThat(peers.size()).isEqualTo(2);
    }
}
