package org.softverbs.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.softverbs.conformance.Requests.SIGNALED;
import static org.softverbs.verbs.WorkCompletionStatus.RNR_RETRY_EXC_ERR;
import static org.softverbs.verbs.WorkCompletionStatus.SUCCESS;
import static org.softverbs.verbs.WorkCompletionStatus.WR_FLUSH_ERR;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.IntUnaryOperator;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.softverbs.conformance.Client.Work;
import org.softverbs.verbs.AsyncEvent;
import org.softverbs.verbs.AsyncEventType;
import org.softverbs.verbs.QueuePairState;
import org.softverbs.verbs.SendWorkRequest;
import org.softverbs.verbs.WorkCompletion;
import org.softverbs.verbs.WorkCompletionStatus;

/// Rows RUT-TRF: traffic on RC, the data of each operation looked at.
@Conformance
class TrafficTest {

    /// Keeps each client busy until it has done so many operations.
    private static void run(
            Rig rig, List<Client> clients, int each, List<Work> works, IntUnaryOperator sizes) {
        int[] started = new int[clients.size()];
        int[] done = new int[clients.size()];
        int left = each * clients.size();
        while (left > 0) {
            for (int i = 0; i < clients.size(); i++) {
                while (started[i] < each && clients.get(i).hasRoom()) {
                    Work work = works.get(started[i] % works.size());
                    clients.get(i).start(work, sizes.applyAsInt(started[i]++));
                }
            }
            int before = left;
            int now = collect(clients, done);
            left -= now;
            if (left == before) {
                rig.step();
            }
        }
        assertThat(done).containsOnly(each);
    }

    private static int collect(List<Client> clients, int[] done) {
        int all = 0;
        for (int i = 0; i < clients.size(); i++) {
            int now = clients.get(i).collect();
            done[i] += now;
            all += now;
        }
        return all;
    }

    private static List<Client> clients(Rig rig, int count, int depth, int slot) {
        List<Client> clients = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            clients.add(new Client(rig, depth, slot));
        }
        return clients;
    }

    @ParameterizedTest
    @EnumSource
    @Tag("RUT-TRF-005")
    void shouldDoOneOperationAtAnySizeWidthAndDepth(Work work, Rig rig) {
        for (int size : new int[] {1, 8, 1000, 1 << 12, 1 << 16}) {
            for (int width : new int[] {1, 8}) {
                for (int depth : new int[] {1, 16}) {
                    run(rig, clients(rig, width, depth, size), 20, List.of(work), any -> size);
                }
            }
        }
    }

    @Test
    @Tag("RUT-TRF-006")
    void shouldDoMixedOperationsAtGrowingWidthAndDepth(Rig rig) {
        SplittableRandom random = new SplittableRandom(6);
        List<Work> works = List.of(Work.values());
        for (int width = 1; width <= 16; width *= 2) {
            run(
                    rig,
                    clients(rig, width, 2 * width, 1 << 14),
                    60,
                    works,
                    any -> 1 + random.nextInt(1 << 14));
        }
    }

    @Test
    @Tag("RUT-TRF-011")
    void shouldNotDisturbOthersWhenAQueueOverruns(Rig rig) {
        Pair overrun = rig.connect(Setup.standard().withEntries(4));
        Client other = new Client(rig, 8, 64);
        Buffer own = rig.left().buffer(8);
        Buffer to = rig.right().buffer(8);
        int held = overrun.left().sends().entries();
        for (int i = 0; i < held + 10; i++) {
            overrun.left().post(SIGNALED.write(i, own.all(), to));
        }
        run(rig, List.of(other), 100, List.of(Work.values()), any -> 64);
        assertThat(overrun.left().sent()).hasSize(held);
        assertThat(overrun.left().state()).isEqualTo(QueuePairState.ERR);
        assertThat(rig.left().events())
                .extracting(AsyncEvent::type)
                .containsExactly(AsyncEventType.CQ_ERR);
        run(rig, List.of(other), 100, List.of(Work.values()), any -> 64);
    }

    @Test
    @Tag("RUT-TRF-016")
    void shouldLetAllGoOnWhenQueuePairsAreAdded(Rig rig) {
        List<Client> clients = new ArrayList<>();
        for (int step = 0; step < 8; step++) {
            clients.addAll(clients(rig, 8, 4, 256));
            run(rig, clients, 10, List.of(Work.READ, Work.WRITE, Work.SEND), any -> 256);
        }
    }

    @Test
    @Tag("RUT-TRF-019")
    void shouldFailTheSendsThatFindNoReceive(Rig rig) {
        Pair pair = rig.connect(Setup.standard().withRnrRetries(1));
        Buffer own = rig.left().buffer(8);
        Buffer to = rig.right().buffer(8);
        for (int i = 0; i < 16; i++) {
            pair.right().receive(i, to.all());
        }
        for (int i = 0; i < 32; i++) {
            pair.left().post(SIGNALED.send(i, own.all()));
        }
        List<WorkCompletionStatus> expected = new ArrayList<>(Collections.nCopies(16, SUCCESS));
        expected.add(RNR_RETRY_EXC_ERR);
        expected.addAll(Collections.nCopies(15, WR_FLUSH_ERR));
        assertThat(pair.left().sentStatuses()).isEqualTo(expected);
        assertThat(pair.right().receivedStatuses()).hasSize(16).containsOnly(SUCCESS);
    }

    private static void shouldDo(Rig rig, Work work, int size) {
        run(rig, clients(rig, 1, 16, size), 200, List.of(work), any -> size);
    }

    @Test
    @Tag("RUT-TRF-021")
    void shouldWrite(Rig rig) {
        shouldDo(rig, Work.WRITE, 1024);
    }

    @Test
    @Tag("RUT-TRF-028")
    void shouldFetchAndAdd(Rig rig) {
        shouldDo(rig, Work.FETCH_AND_ADD, 8);
    }

    @Test
    @Tag("RUT-TRF-029")
    void shouldCompareAndSwap(Rig rig) {
        run(
                rig,
                clients(rig, 1, 16, 8),
                200,
                List.of(Work.COMPARE_AND_SWAP, Work.COMPARE_AND_NOT_SWAP),
                any -> 8);
    }

    @Test
    @Tag("RUT-TRF-025")
    void shouldWriteMixedSizes(Rig rig) {
        int[] sizes = {32, 64, 128};
        run(rig, clients(rig, 2, 10, 128), 200, List.of(Work.WRITE), i -> sizes[i % 3]);
    }

    @Test
    @Tag("RUT-TRF-023")
    void shouldCompleteBatchesThatDoNotFillTheDepth(Rig rig) {
        int depth = 24;
        Client client = new Client(rig, depth, 64);
        int done = 0;
        int under = 0;
        for (int started = 0; started < 200; ) {
            List<SendWorkRequest> batch = new ArrayList<>();
            while (batch.size() < 10 && client.hasRoom()) {
                batch.add(client.prepare(Work.WRITE, 64));
            }
            client.pair().left().queuePair().postSend(batch);
            started += batch.size();
            under += batch.size();
            if (!client.hasRoom()) {
                rig.step();
                int now = client.collect();
                done += now;
                under -= now;
            }
        }
        rig.rest();
        assertThat(client.collect()).isEqualTo(under);
        assertThat(client.isIdle()).isTrue();
        assertThat(done + under).isGreaterThanOrEqualTo(200);
    }

    @Test
    @Tag("RUT-TRF-026")
    void shouldMatchSendsWithReceivesTakenInUnevenParts(Rig rig) {
        Client client = new Client(rig, 32, 64);
        int[] parts = {1, 3, 7, 2};
        int done = 0;
        int received = 0;
        for (int started = 0; done < 300; ) {
            while (started < 300 && client.hasRoom()) {
                client.start(Work.SEND, 1 + started++ % 64);
            }
            rig.step();
            done += client.collect(parts[done % parts.length]);
            List<WorkCompletion> now =
                    client.pair().right().receives().poll(parts[started % parts.length]);
            for (WorkCompletion completion : now) {
                assertThat(completion.isSuccess()).isTrue();
                assertThat(completion.workRequestId()).isEqualTo(received);
                assertThat(completion.byteLength()).isEqualTo(1 + received++ % 64);
            }
        }
        client.collectReceives(300 - received);
    }
}
