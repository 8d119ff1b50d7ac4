package org.softverbs.soft.roce;

import static org.assertj.core.api.Assertions.assertThat;
import static org.softverbs.soft.roce.EngineScript.EXPOSED;
import static org.softverbs.soft.roce.EngineScript.EXPOSED_KEY;
import static org.softverbs.soft.wire.roce.RoceOpcode.RC_COMPARE_SWAP;
import static org.softverbs.soft.wire.roce.RoceOpcode.RC_FETCH_ADD;
import static org.softverbs.soft.wire.roce.RoceOpcode.RC_READ_REQUEST;
import static org.softverbs.soft.wire.roce.RoceOpcode.RC_SEND_FIRST;
import static org.softverbs.soft.wire.roce.RoceOpcode.RC_WRITE_FIRST;
import static org.softverbs.soft.wire.roce.RoceOpcode.RC_WRITE_ONLY;

import java.lang.foreign.Arena;
import java.lang.foreign.ValueLayout;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.softverbs.soft.memory.RegisteredMemory;
import org.softverbs.soft.wire.roce.AckSyndrome;
import org.softverbs.soft.wire.roce.RoceOpcode;
import org.softverbs.verbs.AsyncEventType;
import org.softverbs.verbs.QueuePairState;

/// Requests that are well formed and wrong, over many values (`docs/bad-input.md`). NI is a NAK
/// "invalid request" and the end, NA a NAK "remote access error" and the end.
class BadRequestTest {

    private static final int PSN = EngineScript.RECEIVE_PSN;
    private static final int NI = AckSyndrome.NAK_INVALID_REQUEST;
    private static final int NA = AckSyndrome.NAK_REMOTE_ACCESS_ERROR;

    private final EngineScript script = EngineScript.connected();

    private static TestPacket of(RoceOpcode opcode) {
        return TestPacket.of(opcode, PSN);
    }

    private static TestPacket write(long address, int key, long said, int length) {
        return of(RC_WRITE_ONLY).reth(address, key, said).payload(length).askForAck();
    }

    private void expectEnd(int psn, int syndrome) {
        script.expectNak(psn, syndrome);
        script.expectEvent(
                syndrome == NI ? AsyncEventType.QP_REQ_ERR : AsyncEventType.QP_ACCESS_ERR);
        script.expectNothing();
        script.expectState(QueuePairState.ERR);
        assertThat(script.exposed.asSlice(0, 4096).toArray(ValueLayout.JAVA_BYTE)).containsOnly(0);
    }

    /// R7: the other half, payload that is no whole number of words without padding.
    @ParameterizedTest
    @CsvSource({"1, 0", "2, 1", "3, 0", "4, 1", "4, 2", "4, 3", "8, 3", "5, 2"})
    void shouldRefusePaddingThatDoesNotFitTheLength(int length, int padding) {
        script.inject(
                of(RC_WRITE_ONLY).reth(EXPOSED, EXPOSED_KEY, length).payload(length, padding));
        expectEnd(PSN, NI);
    }

    /// R32.
    @ParameterizedTest
    @EnumSource(
            value = RoceOpcode.class,
            names = {
                "RC_SEND_FIRST", "RC_SEND_ONLY", "RC_WRITE_FIRST", "RC_WRITE_ONLY",
                "RC_WRITE_MIDDLE", "RC_WRITE_LAST", "RC_READ_REQUEST", "RC_FETCH_ADD",
                "RC_COMPARE_SWAP", "RC_SEND_ONLY_WITH_INVALIDATE", "RC_WRITE_LAST_WITH_IMMEDIATE"
            })
    void shouldRefuseWhatCutsAMessageShort(RoceOpcode opcode) {
        script.postReceive(1, 1000);
        script.inject(of(RC_SEND_FIRST).payload(256));
        TestPacket packet = TestPacket.of(opcode, PSN + 1);
        if (opcode == RC_WRITE_FIRST || opcode == RC_WRITE_ONLY || opcode == RC_READ_REQUEST) {
            packet.reth(EXPOSED, EXPOSED_KEY, opcode == RC_WRITE_FIRST ? 512 : 8);
        }
        if (opcode == RC_FETCH_ADD || opcode == RC_COMPARE_SWAP) {
            packet.atomic(EXPOSED, EXPOSED_KEY, 1, 0);
        } else if (opcode != RC_READ_REQUEST) {
            packet.payload(opcode.isFirst() || opcode.isMiddle() ? 256 : 8);
        }
        script.inject(packet);
        script.expectReceiveFlushed(1);
        expectEnd(PSN + 1, NI);
    }

    /// R37, R38.
    @ParameterizedTest
    @ValueSource(
            longs = {
                EXPOSED - 1,
                EXPOSED + EngineScript.MEMORY - 7,
                EXPOSED + EngineScript.MEMORY,
                -8,
                -1,
                -7,
                0,
                Long.MAX_VALUE,
                Long.MIN_VALUE
            })
    void shouldRefuseAddressesOutsideTheMemory(long address) {
        for (RoceOpcode opcode : List.of(RC_WRITE_ONLY, RC_READ_REQUEST)) {
            EngineScript fresh = EngineScript.connected();
            TestPacket packet = of(opcode).reth(address, EXPOSED_KEY, 8);
            fresh.inject(opcode == RC_WRITE_ONLY ? packet.payload(8) : packet);
            fresh.expectNak(PSN, NA);
            fresh.expectEvent(AsyncEventType.QP_ACCESS_ERR);
            fresh.expectNothing();
        }
    }

    /// R39: unknown, one bit off, of another domain, freed, and without remote rights.
    @Test
    void shouldRefuseEveryKeyThatIsNotForThePeer() {
        script.keys.add(
                new RegisteredMemory(
                        0x77, EngineScript.OTHER_DOMAIN, EXPOSED, script.exposed, 0xf));
        for (RoceOpcode opcode : List.of(RC_WRITE_ONLY, RC_READ_REQUEST, RC_FETCH_ADD)) {
            for (int key :
                    new int[] {
                        0, -1, EXPOSED_KEY ^ 1, EXPOSED_KEY ^ 1 << 31, 0x77, EngineScript.LOCAL_KEY
                    }) {
                EngineScript fresh = EngineScript.connected();
                fresh.keys.add(
                        new RegisteredMemory(
                                0x77, EngineScript.OTHER_DOMAIN, EXPOSED, fresh.exposed, 0xf));
                long address = key == EngineScript.LOCAL_KEY ? EngineScript.LOCAL : EXPOSED;
                fresh.inject(request(opcode, address, key));
                fresh.expectNak(PSN, NA);
                fresh.expectEvent(AsyncEventType.QP_ACCESS_ERR);
                fresh.expectNothing();
                assertThat(fresh.exposed.get(ValueLayout.JAVA_LONG, 0)).isZero();
            }
            EngineScript freed = EngineScript.connected();
            freed.deregister(EXPOSED_KEY);
            freed.inject(request(opcode, EXPOSED, EXPOSED_KEY));
            freed.expectNak(PSN, NA);
        }
    }

    private static TestPacket request(RoceOpcode opcode, long address, int key) {
        return switch (opcode) {
            case RC_WRITE_ONLY -> of(opcode).reth(address, key, 8).payload(8);
            case RC_READ_REQUEST -> of(opcode).reth(address, key, 8);
            default -> of(opcode).atomic(address, key, 1, 0);
        };
    }

    /// R9 of the memory rows: the arena is closed under a registration.
    @Test
    void shouldRefuseMemoryWhoseArenaIsClosed() {
        Arena arena = Arena.ofShared();
        script.keys.add(
                new RegisteredMemory(0x99, EngineScript.DOMAIN, 0, arena.allocate(64), 0xf));
        arena.close();
        script.inject(write(0, 0x99, 8, 8));
        expectEnd(PSN, NA);
    }

    /// R43.
    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 4, 5, 6, 7})
    void shouldRefuseAMisalignedAtomic(int offset) {
        for (RoceOpcode opcode : List.of(RC_FETCH_ADD, RC_COMPARE_SWAP)) {
            EngineScript fresh = EngineScript.connected();
            fresh.inject(of(opcode).atomic(EXPOSED + offset, EXPOSED_KEY, 1, 0));
            fresh.expectNak(PSN, NI);
            fresh.expectEvent(AsyncEventType.QP_REQ_ERR);
            fresh.expectNothing();
            assertThat(fresh.exposed.get(ValueLayout.JAVA_LONG, 0)).isZero();
            assertThat(fresh.exposed.get(ValueLayout.JAVA_LONG, 8)).isZero();
        }
    }
}
