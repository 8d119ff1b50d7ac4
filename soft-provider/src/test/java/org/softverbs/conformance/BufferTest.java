package org.softverbs.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.softverbs.conformance.Requests.SIGNALED;
import static org.softverbs.verbs.WorkCompletionStatus.REM_ACCESS_ERR;
import static org.softverbs.verbs.WorkCompletionStatus.SUCCESS;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.softverbs.verbs.Sge;

/// Rows RUT-BUF about regions: requests at their ends, and requests of no bytes.
@Conformance
class BufferTest {

    private static final int BAD_KEY = 0xbad;
    private static final long SIZE = 4096;

    private static Sge nothing(Buffer buffer) {
        return buffer.outside(0, 0);
    }

    private static void shouldSendNothing(Pair pair, Sge from, Sge into) {
        pair.right().receive(2, into);
        assertThat(pair.left().run(SIGNALED.send(1, from))).isEqualTo(SUCCESS);
        assertThat(pair.right().received())
                .singleElement()
                .satisfies(
                        done -> {
                            assertThat(done.status()).isEqualTo(SUCCESS);
                            assertThat(done.byteLength()).isZero();
                        });
    }

    @Test
    @Tag("RUT-BUF-002")
    void shouldSendNothingInsideARegion(Rig rig) {
        shouldSendNothing(
                rig.connect(), nothing(rig.left().buffer(SIZE)), nothing(rig.right().buffer(SIZE)));
    }

    @Test
    @Tag("RUT-BUF-003")
    void shouldSendNothingFromARegionOfNoBytes(Rig rig) {
        shouldSendNothing(rig.connect(), rig.left().buffer(0).all(), rig.right().buffer(0).all());
    }

    @Test
    @Tag("RUT-BUF-004")
    void shouldSendNothingFromOutsideARegion(Rig rig) {
        shouldSendNothing(
                rig.connect(),
                rig.left().buffer(SIZE).outside(SIZE + 1, 0),
                rig.right().buffer(SIZE).outside(-1, 0));
    }

    @Test
    @Tag("RUT-BUF-006")
    void shouldNotReadPastTheEnd(Rig rig) {
        Buffer own = rig.left().buffer(SIZE);
        Buffer from = rig.right().buffer(SIZE).fill(1);
        Pair pair = rig.connect();
        assertThat(pair.left().run(SIGNALED.read(1, own.all(), from.address() + 1, from.key())))
                .isEqualTo(REM_ACCESS_ERR);
        assertThat(own.copy()).containsOnly(0);
    }

    private static void shouldReadNothing(Rig rig, long address, int key) {
        Buffer own = rig.left().buffer(SIZE);
        assertThat(rig.connect().left().run(SIGNALED.read(1, nothing(own), address, key)))
                .isEqualTo(SUCCESS);
    }

    @Test
    @Tag("RUT-BUF-008")
    void shouldReadNothingFromOutsideARegion(Rig rig) {
        Buffer from = rig.right().buffer(SIZE);
        shouldReadNothing(rig, from.address() + SIZE + 1, from.key());
        shouldReadNothing(rig, from.address() - 1, from.key());
    }

    @Test
    @Tag("RUT-BUF-009")
    void shouldReadNothingFromARegionOfNoBytes(Rig rig) {
        Buffer from = rig.right().buffer(0);
        shouldReadNothing(rig, from.address(), from.key());
    }

    @Test
    @Tag("RUT-BUF-010")
    void shouldReadNothingFromOutsideARegionOfNoBytes(Rig rig) {
        Buffer from = rig.right().buffer(0);
        shouldReadNothing(rig, from.address() + 1, from.key());
        shouldReadNothing(rig, from.address() - 1, from.key());
    }

    private static void shouldNotWrite(Rig rig, Buffer to, long offset) {
        Buffer own = rig.left().buffer(SIZE).fill(1);
        Pair pair = rig.connect();
        assertThat(pair.left().run(SIGNALED.write(1, own.all(), to.address() + offset, to.key())))
                .isEqualTo(REM_ACCESS_ERR);
        assertThat(to.copy()).containsOnly(0);
    }

    @Test
    @Tag("RUT-BUF-012")
    void shouldNotWriteBeforeTheStart(Rig rig) {
        shouldNotWrite(rig, rig.right().buffer(SIZE), -1);
    }

    @Test
    @Tag("RUT-BUF-013")
    void shouldNotWritePastTheEnd(Rig rig) {
        shouldNotWrite(rig, rig.right().buffer(SIZE), 1);
    }

    private static void shouldWriteNothing(Rig rig, long address, int key) {
        Buffer own = rig.left().buffer(SIZE).fill(1);
        assertThat(rig.connect().left().run(SIGNALED.write(1, nothing(own), address, key)))
                .isEqualTo(SUCCESS);
    }

    @Test
    @Tag("RUT-BUF-015")
    void shouldWriteNothingOutsideARegion(Rig rig) {
        Buffer to = rig.right().buffer(SIZE);
        shouldWriteNothing(rig, to.address() + SIZE + 1, to.key());
        shouldWriteNothing(rig, to.address() - 1, to.key());
    }

    @Test
    @Tag("RUT-BUF-016")
    void shouldWriteNothingToARegionOfNoBytes(Rig rig) {
        Buffer to = rig.right().buffer(0);
        shouldWriteNothing(rig, to.address(), to.key());
    }

    @Test
    @Tag("RUT-BUF-017")
    void shouldWriteNothingOutsideARegionOfNoBytes(Rig rig) {
        Buffer to = rig.right().buffer(0);
        shouldWriteNothing(rig, to.address() + 1, to.key());
        shouldWriteNothing(rig, to.address() - 1, to.key());
    }

    @Test
    @Tag("RUT-BUF-018")
    void shouldWriteNothingByABadKey(Rig rig) {
        shouldWriteNothing(rig, rig.right().buffer(SIZE).address(), BAD_KEY);
    }
}
