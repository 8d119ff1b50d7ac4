package org.softverbs.soft.roce;

import static org.assertj.core.api.Assertions.assertThat;
import static org.softverbs.soft.roce.EngineScript.EXPOSED;
import static org.softverbs.soft.roce.EngineScript.EXPOSED_KEY;
import static org.softverbs.soft.wire.roce.RoceOpcode.RC_ATOMIC_ACKNOWLEDGE;
import static org.softverbs.soft.wire.roce.RoceOpcode.RC_READ_RESPONSE_ONLY;
import static org.softverbs.soft.wire.roce.RoceOpcode.RC_WRITE_ONLY;

import java.lang.foreign.ValueLayout;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.softverbs.soft.qp.TransportCounter;
import org.softverbs.soft.wire.roce.AckSyndrome;
import org.softverbs.verbs.AsyncEventType;
import org.softverbs.verbs.QueuePairState;

/// What a responder does at the ends of its numbers; packet scripts (`rpkt/rc/responder`) have the
/// rest.
class ResponderScriptTest {

    private static final int PSN = EngineScript.RECEIVE_PSN;
    private static final int INVALID = AckSyndrome.NAK_INVALID_REQUEST;

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 3, 128})
    void shouldRefuseMoreReadsThanItAllowed(int limit) {
        EngineScript script =
                EngineScript.connected(connection -> connection.maxDestinationReadAtomic(limit));
        script.room(0);
        for (int i = 0; i <= limit; i++) {
            script.inject(TestPacket.readRequest(PSN + i, EXPOSED + 8L * i, EXPOSED_KEY, 8));
        }
        if (limit > 0) {
            // The slots still hold what they held: the first READ is answered again.
            script.inject(TestPacket.readRequest(PSN, EXPOSED, EXPOSED_KEY, 8));
        }
        script.expectEvent(AsyncEventType.QP_REQ_ERR);
        script.room(1000);
        for (int i = 0; i < limit; i++) {
            script.expectPacket(RC_READ_RESPONSE_ONLY, PSN + i);
        }
        script.expectNak(PSN + limit, INVALID).messageSequenceNumber(limit);
        script.expectNothing();
        script.expectState(QueuePairState.ERR);
    }

    /// 2^24 packets later the same PSN is another atomic: its result is the one that counts.
    @Test
    void shouldAnswerWithTheNewestOfTwoAtomicsWithTheSamePsn() {
        EngineScript script =
                EngineScript.connected(connection -> connection.maxDestinationReadAtomic(4));
        script.inject(TestPacket.fetchAdd(PSN, EXPOSED, EXPOSED_KEY, 1));
        int psn = PSN + 1;
        // Something between the two, so that the second takes another slot than the first.
        for (int i = 0; i < 2; i++) {
            script.inject(TestPacket.readRequest(psn, EXPOSED, EXPOSED_KEY, 0));
            psn++;
        }
        script.dropSent();
        TestPacket filler = write(0, 8);
        script.recordPackets(false);
        while ((psn & 0xff_ffff) != PSN) {
            filler.bth().psn(psn & 0xff_ffff);
            script.inject(filler);
            psn++;
        }
        script.recordPackets(true);
        script.exposed.set(ValueLayout.JAVA_LONG, 0, 1000);
        script.inject(TestPacket.fetchAdd(PSN, EXPOSED, EXPOSED_KEY, 1));
        script.expectPacket(RC_ATOMIC_ACKNOWLEDGE, PSN).original(1000);
        script.inject(TestPacket.fetchAdd(PSN, EXPOSED, EXPOSED_KEY, 1));
        script.expectPacket(RC_ATOMIC_ACKNOWLEDGE, PSN).original(1000);
        script.expectNothing();
    }

    @Test
    void shouldLetAPeerReadTwoToTheThirtyOneBytes() {
        EngineScript script =
                new EngineScript(false, new MemoryAccessDoubles.Sparse(4096), c -> {});
        script.recordPackets(false);
        script.inject(TestPacket.readRequest(PSN, 0, 1, 1L << 31));
        script.recordPackets(true);
        assertThat(script.count(TransportCounter.SENT_PACKETS)).isEqualTo(1L << 23);
        int next = PSN + (1 << 23);
        script.inject(TestPacket.readRequest(next & 0xff_ffff, 0, 1, 8));
        script.expectPacket(RC_READ_RESPONSE_ONLY, next).messageSequenceNumber(2);
        script.expectNothing();
    }

    private static TestPacket write(int psn, int length) {
        return TestPacket.of(RC_WRITE_ONLY, psn).reth(EXPOSED, EXPOSED_KEY, length).payload(length);
    }
}
