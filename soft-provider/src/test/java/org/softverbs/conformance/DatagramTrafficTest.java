package org.softverbs.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.IntUnaryOperator;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.softverbs.conformance.Client.Work;
import org.softverbs.verbs.AddressHandle;
import org.softverbs.verbs.DatagramDestination;
import org.softverbs.verbs.WorkCompletion;

/// Rows RUT-TRF with datagrams: each is looked at where it was received.
@Conformance
class DatagramTrafficTest {

    private static final int DEPTH = 32;

    /// Queue pairs that share one way to the other machine.
    private static List<Mailbox> mailboxes(Node node, Node peer, int count, int slot) {
        AddressHandle handle = node.handle(peer);
        List<Mailbox> mailboxes = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            mailboxes.add(new Mailbox(node, handle, DEPTH, slot));
        }
        return mailboxes;
    }

    private static List<Mailbox> senders(Rig rig, int count, int slot) {
        return mailboxes(rig.left(), rig.right(), count, slot);
    }

    private static List<Mailbox> receivers(Rig rig, int count, int slot) {
        return mailboxes(rig.right(), rig.left(), count, slot);
    }

    /// The longest datagram there is.
    private static int longest(Rig rig) {
        return rig.left().context().queryPort(1).activeMtu().bytes();
    }

    /// Each sends to each other in turn, as many at a time as all have room for.
    private static void exchange(
            Rig rig, List<Mailbox> from, List<Mailbox> to, int rounds, IntUnaryOperator sizes) {
        int each = DEPTH / Math.max(from.size(), to.size());
        for (int round = 0; round < rounds; round++) {
            for (Mailbox sender : from) {
                for (Mailbox receiver : to) {
                    for (int i = 0; i < each; i++) {
                        sender.send(receiver, sizes.applyAsInt(i));
                    }
                }
            }
            rig.rest();
            from.forEach(sender -> sender.expectSent(each * to.size()));
            to.forEach(receiver -> receiver.expectReceived(each * from.size()));
        }
    }

    @Test
    @Tag("RUT-TRF-007")
    @Tag("RUT-TRF-027")
    void shouldReceiveWhatWasSentBehindTheHeader(Rig rig) {
        for (int size : new int[] {1, 8, 1000, longest(rig)}) {
            List<Mailbox> from = senders(rig, 1, size);
            exchange(rig, from, receivers(rig, 1, size), 5, any -> size);
        }
    }

    @Test
    @Tag("RUT-TRF-008")
    void shouldReceiveMixedSizes(Rig rig) {
        SplittableRandom random = new SplittableRandom(8);
        int longest = longest(rig);
        List<Mailbox> from = senders(rig, 1, longest);
        List<Mailbox> to = receivers(rig, 1, longest);
        exchange(rig, from, to, 20, any -> 1 + random.nextInt(longest));
    }

    @Test
    @Tag("RUT-TRF-010")
    void shouldReceiveFromManyAtMany(Rig rig) {
        SplittableRandom random = new SplittableRandom(10);
        int longest = longest(rig);
        for (int width = 2; width <= 16; width *= 2) {
            List<Mailbox> from = senders(rig, width, longest);
            List<Mailbox> to = receivers(rig, width / 2, longest);
            exchange(rig, from, to, 3, any -> 1 + random.nextInt(longest));
        }
    }

    @Test
    @Tag("RUT-TRF-015")
    void shouldCarryDatagramsBesideReliableConnections(Rig rig) {
        SplittableRandom random = new SplittableRandom(15);
        List<Client> clients = new ArrayList<>();
        for (int i = 0; i < 8; i++) {
            clients.add(new Client(rig, 8, 8192));
        }
        List<Mailbox> from = senders(rig, 8, 1024);
        List<Mailbox> to = receivers(rig, 4, 1024);
        Work[] works = Work.values();
        for (int round = 0; round < 10; round++) {
            for (Client client : clients) {
                while (client.hasRoom()) {
                    Work work = works[random.nextInt(works.length)];
                    client.start(work, 1 + random.nextInt(8192));
                }
            }
            exchange(rig, from, to, 1, any -> 1 + random.nextInt(1024));
            for (Client client : clients) {
                assertThat(client.collect()).isEqualTo(8);
            }
        }
    }

    /// Sends more than there are receives, then no more than there are.
    @Test
    @Tag("RUT-TRF-030")
    void shouldLoseNothingAfterABurst(Rig rig) {
        int burst = 200;
        End sender = Datagrams.open(rig.left(), Setup.standard().withRequests(burst));
        Mailbox receiver = receivers(rig, 1, 64).getFirst();
        Buffer own = rig.left().buffer(64).fill(1);
        DatagramDestination there = Datagrams.destination(sender, receiver.end());
        receiver.post(DEPTH);
        for (int i = 0; i < burst; i++) {
            sender.post(Datagrams.send(i, there, own.all()));
        }
        assertThat(sender.sent()).hasSize(burst).allMatch(WorkCompletion::isSuccess);
        assertThat(receiver.end().received())
                .hasSize(DEPTH)
                .allMatch(WorkCompletion::isSuccess)
                .allMatch(it -> it.byteLength() == 64 + Datagrams.HEADER);
        List<Mailbox> from = senders(rig, 1, 64);
        exchange(rig, from, List.of(receiver), 10, any -> 64);
    }
}
