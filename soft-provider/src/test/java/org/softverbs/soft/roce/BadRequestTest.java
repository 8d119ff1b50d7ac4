package org.softverbs.soft.roce;

import static org.assertj.core.api.Assertions.assertThat;
import static org.softverbs.soft.roce.EngineScript.EXPOSED;
import static org.softverbs.soft.roce.EngineScript.EXPOSED_KEY;
import static org.softverbs.soft.wire.roce.RoceOpcode.RC_COMPARE_SWAP;
import static org.softverbs.soft.wire.roce.RoceOpcode.RC_FETCH_ADD;
import static org.softverbs.soft.wire.roce.RoceOpcode.RC_READ_REQUEST;
import static org.softverbs.soft.wire.roce.RoceOpcode.RC_SEND_FIRST;
import static org.softverbs.soft.wire.roce.RoceOpcode.RC_SEND_LAST;
import static org.softverbs.soft.wire.roce.RoceOpcode.RC_SEND_MIDDLE;
import static org.softverbs.soft.wire.roce.RoceOpcode.RC_SEND_ONLY;
import static org.softverbs.soft.wire.roce.RoceOpcode.RC_SEND_ONLY_WITH_INVALIDATE;
import static org.softverbs.soft.wire.roce.RoceOpcode.RC_WRITE_FIRST;
import static org.softverbs.soft.wire.roce.RoceOpcode.RC_WRITE_LAST;
import static org.softverbs.soft.wire.roce.RoceOpcode.RC_WRITE_MIDDLE;
import static org.softverbs.soft.wire.roce.RoceOpcode.RC_WRITE_ONLY;
import static org.softverbs.soft.wire.roce.RoceOpcode.RC_WRITE_ONLY_WITH_IMMEDIATE;

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
import org.softverbs.soft.wire.roce.PacketSequenceNumber;
import org.softverbs.soft.wire.roce.RoceOpcode;
import org.softverbs.verbs.AccessFlag;
import org.softverbs.verbs.AsyncEventType;
import org.softverbs.verbs.QueuePairState;
import org.softverbs.verbs.WorkCompletionOpcode;
import org.softverbs.verbs.WorkCompletionStatus;

/// The rows of the bad input catalogue that an engine meets: requests that are well formed and
/// wrong. NI is a NAK "invalid request" and the end, NA a NAK "remote access error" and the end.
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

    /// R7.
    @ParameterizedTest
    @CsvSource({"RC_SEND_FIRST, 255", "RC_SEND_FIRST, 254", "RC_WRITE_FIRST, 253"})
    void shouldRefusePaddingInAFirstPacket(RoceOpcode opcode, int length) {
        script.postReceive(1, 1000);
        TestPacket packet = of(opcode).payload(length);
        script.inject(opcode == RC_WRITE_FIRST ? packet.reth(EXPOSED, EXPOSED_KEY, 600) : packet);
        script.expectReceiveFlushed(1);
        expectEnd(PSN, NI);
    }

    /// R7: the other half, payload that is no whole number of words without padding.
    @ParameterizedTest
    @CsvSource({"1, 0", "2, 1", "3, 0", "4, 1", "4, 2", "4, 3", "8, 3", "5, 2"})
    void shouldRefusePaddingThatDoesNotFitTheLength(int length, int padding) {
        script.inject(
                of(RC_WRITE_ONLY).reth(EXPOSED, EXPOSED_KEY, length).payload(length, padding));
        expectEnd(PSN, NI);
    }

    /// R8: accepted, and not placed.
    @Test
    void shouldNotPlaceThePadding() {
        script.inject(write(EXPOSED, EXPOSED_KEY, 5, 5));
        script.expectAck(PSN);
        assertThat(script.exposed.get(ValueLayout.JAVA_BYTE, 5)).isZero();
        script.expectNothing();
    }

    /// R11, R62: reserved bits, MigReq, FECN and BECN mean nothing.
    @Test
    void shouldAcceptAnyReservedBits() {
        TestPacket packet = write(EXPOSED, EXPOSED_KEY, 4, 4);
        packet.bth()
                .reserved6(0x3f)
                .reserved7(0x7f)
                .migrationRequest(true)
                .forwardCongestion(true)
                .backwardCongestion(true);
        script.inject(packet);
        script.expectAck(PSN);
        script.expectNothing();
    }

    /// R27, R60 are [ResponderScriptTest] and [CompleterScriptTest]. R28, R29: behind is a
    /// duplicate, also at a distance of exactly half the numbers, where both sides are equal.
    @ParameterizedTest
    @ValueSource(ints = {-1, -2, -100, -0x7f_ffff, -0x80_0000, 0x80_0000})
    void shouldAckWhatIsBehind(int distance) {
        int psn = PacketSequenceNumber.add(PSN, distance);
        script.inject(TestPacket.of(RC_SEND_ONLY, psn).payload(8).askForAck());
        script.expectAck(PSN - 1);
        script.expectNothing();
    }

    /// R29, the other side.
    @ParameterizedTest
    @ValueSource(ints = {1, 2, 0x7f_fffe, 0x7f_ffff})
    void shouldNakWhatIsAhead(int distance) {
        int psn = PacketSequenceNumber.add(PSN, distance);
        script.inject(TestPacket.of(RC_SEND_ONLY, psn).payload(8).askForAck());
        script.expectNak(PSN, AckSyndrome.NAK_PSN_SEQUENCE_ERROR);
        script.expectNothing();
    }

    /// R31.
    @ParameterizedTest
    @EnumSource(
            value = RoceOpcode.class,
            names = {"RC_(SEND|WRITE)_(MIDDLE|LAST).*"},
            mode = EnumSource.Mode.MATCH_ALL)
    void shouldRefuseWhatContinuesNothing(RoceOpcode opcode) {
        script.postReceive(1, 1000);
        script.inject(of(opcode).payload(opcode.isMiddle() ? 256 : 8));
        script.expectReceiveFlushed(1);
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

    /// R36.
    @ParameterizedTest
    @ValueSource(longs = {(1L << 31) + 1, (1L << 32) - 1})
    void shouldRefuseAMessageThatIsTooLong(long length) {
        script.inject(TestPacket.readRequest(PSN, EXPOSED, EXPOSED_KEY, length));
        expectEnd(PSN, NI);
    }

    /// R36.
    @ParameterizedTest
    @ValueSource(longs = {(1L << 31) + 1, (1L << 32) - 1})
    void shouldRefuseAWriteThatIsTooLong(long length) {
        script.inject(of(RC_WRITE_FIRST).reth(EXPOSED, EXPOSED_KEY, length).payload(256));
        expectEnd(PSN, NI);
    }

    /// R35.
    @ParameterizedTest
    @EnumSource(
            value = RoceOpcode.class,
            names = {"RC_WRITE_ONLY", "RC_WRITE_ONLY_WITH_IMMEDIATE", "RC_READ_REQUEST"})
    void shouldNotLookAtTheKeyOfNoBytes(RoceOpcode opcode) {
        script.postReceive(1, 0);
        TestPacket packet = of(opcode).reth(0xdead_beefL, 0xbad, 0).askForAck();
        script.inject(opcode.hasImmediate() ? packet.immediate(1) : packet);
        if (opcode == RC_READ_REQUEST) {
            script.expectPacket(RoceOpcode.RC_READ_RESPONSE_ONLY, PSN).payload(0);
        } else {
            script.expectAck(PSN);
        }
        if (opcode == RC_WRITE_ONLY_WITH_IMMEDIATE) {
            script.expectReceive(1, WorkCompletionOpcode.RECV_RDMA_WITH_IMM, 0);
        }
        script.expectNothing();
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

    /// R38: no head of an illegal message is placed.
    @Test
    void shouldPlaceNoHeadOfAWriteThatEndsOutside() {
        long address = EXPOSED + EngineScript.MEMORY - 300;
        script.inject(of(RC_WRITE_FIRST).reth(address, EXPOSED_KEY, 301).payload(256));
        expectEnd(PSN, NA);
        assertThat(script.exposed.asSlice(EngineScript.MEMORY - 300).toArray(ValueLayout.JAVA_BYTE))
                .containsOnly(0);
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

    /// R44.
    @Test
    void shouldRefuseAnAtomicThatReachesBeyondTheMemory() {
        script.keys.add(
                new RegisteredMemory(
                        0x55, EngineScript.DOMAIN, 0x1000, script.exposed.asSlice(0, 12), 0xf));
        script.inject(of(RC_FETCH_ADD).atomic(0x1008, 0x55, 1, 0));
        expectEnd(PSN, NA);
    }

    /// R47: the receiver's own error, too.
    @Test
    void shouldRefuseASendThatIsLongerThanTheReceive() {
        script.postReceive(1, 300);
        script.postReceive(2, 300);
        script.inject(of(RC_SEND_FIRST).payload(256));
        script.inject(TestPacket.of(RC_SEND_LAST, PSN + 1).payload(45));
        script.expectReceive(1, WorkCompletionStatus.LOC_LEN_ERR);
        script.expectReceiveFlushed(2);
        expectEnd(PSN + 1, NI);
    }

    /// R48 is [ResponderScriptTest]. A receive whose elements are no memory: "remote operation".
    @Test
    void shouldFailAReceiveThatNamesNoMemory() {
        script.postReceive(1, EngineScript.LOCAL, 100, 0xbad);
        script.inject(of(RC_SEND_ONLY).payload(8));
        script.expectReceive(1, WorkCompletionStatus.LOC_PROT_ERR);
        script.expectNak(PSN, AckSyndrome.NAK_REMOTE_OPERATIONAL_ERROR);
        script.expectEvent(AsyncEventType.QP_FATAL);
        script.expectNothing();
    }

    /// RUT-ACC-004: a receive needs no remote right; RUT-ACC-003: it needs LOCAL_WRITE.
    @Test
    void shouldNotReceiveIntoMemoryThatMayNotBeWritten() {
        script.keys.add(
                new RegisteredMemory(
                        0x66, EngineScript.DOMAIN, 0, script.local, AccessFlag.REMOTE_READ.bit()));
        script.postReceive(1, 0, 100, 0x66);
        script.inject(of(RC_SEND_ONLY).payload(8));
        script.expectReceive(1, WorkCompletionStatus.LOC_PROT_ERR);
        script.expectNak(PSN, AckSyndrome.NAK_REMOTE_OPERATIONAL_ERROR);
    }

    /// RUT-RC-022 leaves it open: elements are looked at as far as the message goes.
    @Test
    void shouldReceiveIntoElementsThatReachTooFarWhenTheMessageDoesNot() {
        long address = EngineScript.LOCAL + EngineScript.MEMORY - 8;
        script.postReceive(1, address, 100, EngineScript.LOCAL_KEY);
        script.inject(of(RC_SEND_ONLY).payload(8));
        script.expectReceive(1, WorkCompletionOpcode.RECV, 8);
        script.expectNothing();
    }

    /// R50: no key can be invalidated by a peer yet; the data does not arrive either.
    @ParameterizedTest
    @ValueSource(ints = {0, 0xbad, EXPOSED_KEY, EngineScript.LOCAL_KEY, 0x77})
    void shouldRefuseToInvalidate(int key) {
        script.keys.add(
                new RegisteredMemory(
                        0x77, EngineScript.OTHER_DOMAIN, EXPOSED, script.exposed, 0xf));
        script.postReceive(1, 100);
        script.inject(of(RC_SEND_ONLY_WITH_INVALIDATE).invalidate(key).payload(8));
        assertThat(script.expectFailedReceive(1)).isEqualTo(WorkCompletionStatus.LOC_PROT_ERR);
        expectEnd(PSN, NI);
        assertThat(script.local.get(ValueLayout.JAVA_LONG, EngineScript.MEMORY / 2)).isZero();
        script.inject(TestPacket.of(RC_SEND_MIDDLE, PSN + 1).payload(256));
        script.inject(TestPacket.of(RC_WRITE_MIDDLE, PSN + 1).payload(256));
        script.inject(TestPacket.of(RC_WRITE_LAST, PSN + 1).payload(8));
        script.expectNothing();
    }
}
