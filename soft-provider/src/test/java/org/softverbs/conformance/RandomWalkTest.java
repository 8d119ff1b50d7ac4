package org.softverbs.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.softverbs.conformance.Requests.SIGNALED;
import static org.softverbs.verbs.WorkCompletionStatus.REM_ACCESS_ERR;
import static org.softverbs.verbs.WorkCompletionStatus.SUCCESS;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.softverbs.verbs.CompletionQueue;
import org.softverbs.verbs.Errno;
import org.softverbs.verbs.MemoryWindowType;
import org.softverbs.verbs.PrivilegedDomain;
import org.softverbs.verbs.QueuePairState;
import org.softverbs.verbs.VerbsException;
import org.softverbs.verbs.WorkCompletionStatus;

/// Rows RUT-TRF about random walks; a seed that fails is the parameter of the test.
@Conformance
class RandomWalkTest {

    private static final int STEPS = 1500;

    /// Something that is open, and what it keeps open.
    private static final class Held {

        final AutoCloseable thing;
        final List<Held> parents;
        int children;

        Held(AutoCloseable thing, Held... parents) {
            this.thing = thing;
            this.parents = List.of(parents);
            this.parents.forEach(parent -> parent.children++);
        }
    }

    /// A program that makes and ends things in no order.
    private static final class Walk {

        private final Node node;
        private final SplittableRandom random;
        private final List<Held> domains = new ArrayList<>();
        private final List<Held> queues = new ArrayList<>();
        private final List<Held> leaves = new ArrayList<>();
        private int refused;
        private int ended;

        Walk(Node node, long seed) {
            this.node = node;
            this.random = new SplittableRandom(seed);
            makeDomain();
            makeQueue();
        }

        void step() throws Exception {
            switch (random.nextInt(10)) {
                case 0 -> makeDomain();
                case 1 -> makeQueue();
                case 2 -> makeRegion();
                case 3 -> makeWindow();
                case 4 -> makeQueuePair();
                case 5 -> end(domains);
                case 6 -> end(queues);
                default -> end(leaves);
            }
        }

        private void makeDomain() {
            domains.add(new Held(node.context().allocateProtectionDomain()));
        }

        private void makeQueue() {
            queues.add(new Held(node.context().createCompletionQueue(1 + random.nextInt(64))));
        }

        private Held any(List<Held> list) {
            return list.get(random.nextInt(list.size()));
        }

        private void makeRegion() {
            if (!domains.isEmpty()) {
                Held of = any(domains);
                PrivilegedDomain domain = (PrivilegedDomain) of.thing;
                leaves.add(new Held(node.buffer(domain, 64, Node.ALL).region(), of));
            }
        }

        private void makeWindow() {
            if (!domains.isEmpty()) {
                Held of = any(domains);
                PrivilegedDomain domain = (PrivilegedDomain) of.thing;
                MemoryWindowType type =
                        random.nextBoolean() ? MemoryWindowType.TYPE_1 : MemoryWindowType.TYPE_2;
                leaves.add(new Held(domain.allocateMemoryWindow(type), of));
            }
        }

        private void makeQueuePair() {
            if (domains.isEmpty() || queues.isEmpty()) {
                return;
            }
            Held of = any(domains);
            Held sends = any(queues);
            Held receives = any(queues);
            End end =
                    node.end(
                            Setup.standard().withRequests(8),
                            (PrivilegedDomain) of.thing,
                            (CompletionQueue) sends.thing,
                            (CompletionQueue) receives.thing);
            if (random.nextBoolean()) {
                end.initialize();
            }
            if (random.nextBoolean()) {
                end.move(QueuePairState.RESET);
            }
            leaves.add(new Held(end.queuePair(), of, sends, receives));
        }

        private void end(List<Held> list) throws Exception {
            if (list.isEmpty()) {
                return;
            }
            Held held = any(list);
            try {
                held.thing.close();
                assertThat(held.children).isZero();
                list.remove(held);
                held.parents.forEach(parent -> parent.children--);
                ended++;
            } catch (VerbsException busy) {
                assertThat(busy.errno()).isEqualTo(Errno.EBUSY);
                assertThat(held.children).isPositive();
                refused++;
            }
        }

        void endAll() throws Exception {
            for (List<Held> list : List.of(leaves, queues, domains)) {
                for (Held held : list) {
                    held.thing.close();
                }
            }
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3})
    @Tag("RUT-TRF-001")
    void shouldMakeAndEndThingsInAnyOrder(long seed, Rig rig) throws Exception {
        Walk walk = new Walk(rig.left(), seed);
        for (int i = 0; i < STEPS; i++) {
            walk.step();
        }
        walk.endAll();
        assertThat(walk.ended).as("things that were ended").isGreaterThan(STEPS / 10);
        assertThat(walk.refused).as("things that others kept open").isGreaterThan(STEPS / 50);
    }

    /// Two programs that tell each other the keys of their memory, take some back, and use both.
    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3})
    @Tag("RUT-TRF-003")
    void shouldReachWhatTheOtherExposesAndNothingElse(long seed, Rig rig) {
        SplittableRandom random = new SplittableRandom(seed);
        Pair pair = rig.connect();
        Buffer own = rig.left().buffer(64);
        List<Buffer> told = new ArrayList<>();
        Set<Buffer> gone = new HashSet<>();
        int done = 0;
        for (int i = 0; i < 400; i++) {
            int choice = random.nextInt(10);
            if (choice == 0 || told.isEmpty()) {
                told.add(rig.right().buffer(64).fill(i));
                continue;
            }
            Buffer exposed = told.get(random.nextInt(told.size()));
            if (choice == 1) {
                exposed.region().close();
                gone.add(exposed);
                continue;
            }
            boolean write = random.nextBoolean();
            if (write) {
                own.fill(random.nextInt());
            }
            WorkCompletionStatus status =
                    pair.left()
                            .run(
                                    write
                                            ? SIGNALED.write(i, own.all(), exposed)
                                            : SIGNALED.read(i, own.all(), exposed));
            if (gone.contains(exposed)) {
                assertThat(status).isEqualTo(REM_ACCESS_ERR);
                told.remove(exposed);
                pair.reconnect();
            } else {
                assertThat(status).isEqualTo(SUCCESS);
                assertThat(own.equalsBytes(exposed)).isTrue();
                done++;
            }
        }
        assertThat(done).as("operations on what is exposed").isGreaterThan(100);
        assertThat(gone).as("memory that was taken back").hasSizeGreaterThan(10);
    }
}
