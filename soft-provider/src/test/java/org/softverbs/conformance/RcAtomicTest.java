package org.softverbs.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.softverbs.conformance.Requests.SIGNALED;
import static org.softverbs.conformance.Requests.UNSIGNALED;
import static org.softverbs.verbs.WorkCompletionStatus.LOC_PROT_ERR;
import static org.softverbs.verbs.WorkCompletionStatus.REM_ACCESS_ERR;
import static org.softverbs.verbs.WorkCompletionStatus.REM_INV_REQ_ERR;
import static org.softverbs.verbs.WorkCompletionStatus.SUCCESS;

import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.softverbs.verbs.SendFlag;
import org.softverbs.verbs.SendWorkRequest;
import org.softverbs.verbs.Sge;
import org.softverbs.verbs.WorkCompletion;
import org.softverbs.verbs.WorkCompletionStatus;

/// Rows RUT-RC about atomics.
@Conformance
class RcAtomicTest {

    private static final int BAD_KEY = 0xbad;
    private static final long START = 0x1122_3344_5566_7788L;
    private static final long SWAP = 0x0102_0304_0506_0708L;

    /// A connection, the place of the result on the left, and the word on the right.
    private record Case(Pair pair, Buffer result, Buffer word) {

        static Case of(Rig rig) {
            return new Case(
                    rig.connect(), rig.left().buffer(16), rig.right().buffer(16).word(0, START));
        }

        Sge into() {
            return result.part(0, 8);
        }

        Sge intoBadKey() {
            return new Sge(result.address(), 8, BAD_KEY);
        }

        WorkCompletionStatus add(Requests kind, Sge into, long offset, int key, long add) {
            return pair.left().run(kind.fetchAndAdd(1, into, word.address() + offset, key, add));
        }

        WorkCompletionStatus swap(Requests kind, Sge into, long offset, int key) {
            return pair.left()
                    .run(kind.compareAndSwap(1, into, word.address() + offset, key, START, SWAP));
        }

        void expect(long remote, long local) {
            assertThat(word.word(0)).isEqualTo(remote);
            assertThat(word.word(8)).isZero();
            assertThat(result.word(0)).isEqualTo(local);
            assertThat(result.word(8)).isZero();
        }
    }

    @Test
    @Tag("RUT-RC-054")
    void shouldFetchWhatStaysTheSame(Rig rig) {
        Case test = Case.of(rig);
        assertThat(test.add(SIGNALED, test.into(), 0, test.word().key(), 0)).isEqualTo(SUCCESS);
        test.expect(START, START);
    }

    @Test
    @Tag("RUT-RC-055")
    @Decision("the result may be split over elements, the extension that the row allows")
    void shouldSplitTheResultOverTwoElements(Rig rig) {
        Case test = Case.of(rig);
        assertThat(
                        test.pair()
                                .left()
                                .run(
                                        new SendWorkRequest.FetchAndAdd(
                                                1,
                                                List.of(
                                                        test.result().part(0, 4),
                                                        test.result().part(12, 4)),
                                                test.word().address(),
                                                test.word().key(),
                                                1,
                                                Set.of(SendFlag.SIGNALED))))
                .isEqualTo(SUCCESS);
        assertThat(test.word().word(0)).isEqualTo(START + 1);
        assertThat(test.result().word(0)).isEqualTo(START & 0xffff_ffffL);
        assertThat(test.result().word(8)).isEqualTo(START & ~0xffff_ffffL);
    }

    @Test
    @Tag("RUT-RC-059")
    void shouldRefuseToAddToAnUnalignedWord(Rig rig) {
        for (long offset : List.of(1L, 4L, 7L)) {
            Case test = Case.of(rig);
            assertThat(test.add(SIGNALED, test.into(), offset, test.word().key(), 1))
                    .isEqualTo(REM_INV_REQ_ERR);
            test.expect(START, 0);
        }
    }

    @Test
    @Tag("RUT-RC-060")
    @Decision("the remote word is changed before the local key is looked at")
    void shouldFailToAddWithABadLocalKey(Rig rig) {
        Case test = Case.of(rig);
        assertThat(test.add(SIGNALED, test.intoBadKey(), 0, test.word().key(), 1))
                .isEqualTo(LOC_PROT_ERR);
        test.expect(START + 1, 0);
    }

    @Test
    @Tag("RUT-RC-061")
    void shouldCompleteAnUnsignaledAddThatFails(Rig rig) {
        Case test = Case.of(rig);
        assertThat(test.add(UNSIGNALED, test.intoBadKey(), 0, test.word().key(), 1))
                .isEqualTo(LOC_PROT_ERR);
    }

    @Test
    @Tag("RUT-RC-062")
    void shouldFailToAddWithABadRemoteKey(Rig rig) {
        Case test = Case.of(rig);
        assertThat(test.add(SIGNALED, test.into(), 0, BAD_KEY, 1)).isEqualTo(REM_ACCESS_ERR);
        test.expect(START, 0);
    }

    @Test
    @Tag("RUT-RC-063")
    void shouldFindTheBadRemoteKeyFirst(Rig rig) {
        Case test = Case.of(rig);
        assertThat(test.add(SIGNALED, test.intoBadKey(), 0, BAD_KEY, 1)).isEqualTo(REM_ACCESS_ERR);
        test.expect(START, 0);
    }

    @Test
    @Tag("RUT-RC-064")
    void shouldFindTheUnalignedWordBeforeTheBadLocalKey(Rig rig) {
        Case test = Case.of(rig);
        assertThat(test.add(SIGNALED, test.intoBadKey(), 1, test.word().key(), 1))
                .isEqualTo(REM_INV_REQ_ERR);
        test.expect(START, 0);
    }

    @Test
    @Tag("RUT-RC-066")
    void shouldNotSwapWhatIsNotEqual(Rig rig) {
        Case test = Case.of(rig);
        assertThat(
                        test.pair()
                                .left()
                                .run(
                                        SIGNALED.compareAndSwap(
                                                1,
                                                test.into(),
                                                test.word().address(),
                                                test.word().key(),
                                                START + 1,
                                                SWAP)))
                .isEqualTo(SUCCESS);
        test.expect(START, START);
    }

    @Test
    @Tag("RUT-RC-067")
    void shouldSwapWhatIsEqual(Rig rig) {
        Case test = Case.of(rig);
        assertThat(test.swap(SIGNALED, test.into(), 0, test.word().key())).isEqualTo(SUCCESS);
        test.expect(SWAP, START);
    }

    @Test
    @Tag("RUT-RC-068")
    void shouldSwapTwiceWithOneCompletion(Rig rig) {
        Case test = Case.of(rig);
        End left = test.pair().left();
        long at = test.word().address();
        int key = test.word().key();
        left.post(UNSIGNALED.compareAndSwap(1, test.into(), at, key, START, START + 1));
        left.post(SIGNALED.compareAndSwap(2, test.into(), at, key, START + 1, SWAP));
        List<WorkCompletion> done = left.sent();
        assertThat(done).extracting(WorkCompletion::workRequestId).containsExactly(2L);
        assertThat(done.getFirst().isSuccess()).isTrue();
        test.expect(SWAP, START + 1);
    }

    @Test
    @Tag("RUT-RC-069")
    void shouldCompleteAnUnsignaledSwapThatFails(Rig rig) {
        Case test = Case.of(rig);
        assertThat(test.swap(UNSIGNALED, test.intoBadKey(), 0, test.word().key()))
                .isEqualTo(LOC_PROT_ERR);
        test.expect(SWAP, 0);
    }

    @Test
    @Tag("RUT-RC-070")
    void shouldSwapBeforeItFindsTheBadLocalKey(Rig rig) {
        Case test = Case.of(rig);
        assertThat(test.swap(SIGNALED, test.intoBadKey(), 0, test.word().key()))
                .isEqualTo(LOC_PROT_ERR);
        test.expect(SWAP, 0);
    }

    @Test
    @Tag("RUT-RC-071")
    void shouldFailToSwapWithABadRemoteKey(Rig rig) {
        Case test = Case.of(rig);
        assertThat(test.swap(SIGNALED, test.into(), 0, BAD_KEY)).isEqualTo(REM_ACCESS_ERR);
        test.expect(START, 0);
    }

    @Test
    @Tag("RUT-RC-073")
    void shouldRefuseAResultOfOtherThanEightBytes(Rig rig) {
        for (int length : List.of(0, 1, 7, 9, 16)) {
            Case test = Case.of(rig);
            assertThat(test.swap(SIGNALED, test.result().part(0, length), 0, test.word().key()))
                    .isEqualTo(WorkCompletionStatus.LOC_LEN_ERR);
            test.expect(START, 0);
        }
    }

    @Test
    @Tag("RUT-RC-074")
    void shouldRefuseToSwapAnUnalignedWord(Rig rig) {
        for (long offset : List.of(1L, 4L, 7L)) {
            Case test = Case.of(rig);
            assertThat(test.swap(SIGNALED, test.into(), offset, test.word().key()))
                    .isEqualTo(REM_INV_REQ_ERR);
            test.expect(START, 0);
        }
    }

    @Test
    @Tag("RUT-RC-076")
    void shouldFindTheUnalignedSwapBeforeTheBadLocalKey(Rig rig) {
        Case test = Case.of(rig);
        assertThat(test.swap(SIGNALED, test.intoBadKey(), 1, test.word().key()))
                .isEqualTo(REM_INV_REQ_ERR);
        test.expect(START, 0);
    }
}
