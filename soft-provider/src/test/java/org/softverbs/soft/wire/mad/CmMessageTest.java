package org.softverbs.soft.wire.mad;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.foreign.MemorySegment;
import java.util.HexFormat;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * Offsets and widths of fields that the captures leave at zero, and those that tshark does not
 * read.
 */
class CmMessageTest {

    private final byte[] bytes = new byte[232];
    private final MemorySegment segment = MemorySegment.ofArray(bytes);

    @BeforeEach
    void clear() {
        segment.fill((byte) 0);
    }

    @Test
    void shouldPlaceTheMadHeader() {
        new MadHeaderFlyweight().wrap(segment, 0).initialize(CmAttribute.REQ, 0x1122334455667788L);
        assertThat(hex(0, 24)).isEqualTo("010702030000000011223344556677880010000000000000");
        assertThat(CmAttribute.of(0x1a)).isEqualTo(CmAttribute.APR);
        assertThat(CmAttribute.of(0x0f)).isNull();
        assertThat(CmAttribute.of(0x1b)).isNull();
    }

    @Test
    void shouldPlaceTheFieldsOfARequest() {
        CmRequestFlyweight req = new CmRequestFlyweight().wrap(segment, 0);
        req.localCommunicationId(0x01020304)
                .vendorId(0x050607)
                .serviceId(ServiceId.of(0x106, 18515));
        req.localQpn(0x123456).responderResources(7).initiatorDepth(8);
        req.remoteResponseTimeout(20).transportService(1).endToEndFlowControl(true);
        req.startingPsn(0xabcdef).localResponseTimeout(21).retryCount(7);
        req.partitionKey(0xffff).pathMtu(3).rdcExists(true).rnrRetryCount(6);
        req.maxCmRetries(15).srq(true).extendedTransport(1);
        assertThat(hex(0, 16)).isEqualTo("01020304" + "00050607" + "0000000001064853");
        assertThat(hex(32, 52))
                .isEqualTo("12345607" + "00000008" + "000000a3" + "abcdefaf" + "ffff3ef9");
        assertThat(req.transportService()).isEqualTo(1);
        assertThat(req.remoteResponseTimeout()).isEqualTo(20);
        assertThat(ServiceId.port(req.serviceId())).isEqualTo(18515);
        assertThat(ServiceId.portSpace(req.serviceId())).isEqualTo(ServiceId.PORT_SPACE_TCP);
    }

    /** The bytes that tshark 4.0 reads wrongly: facts section 10. */
    @Test
    void shouldReadTheFlowLabelOfTheKernel() {
        segment.asSlice(88, 4).copyFrom(MemorySegment.ofArray(new byte[] {0x35, 0x3b, 0x30, 0}));
        CmPathFlyweight path = new CmPathFlyweight();
        new CmRequestFlyweight().wrap(segment, 0).primaryPath(path);
        assertThat(path.flowLabel()).isEqualTo(0x353b3);
        assertThat(path.packetRate()).isZero();
        path.packetRate(0x3f).flowLabel(0xfffff).serviceLevel(5).subnetLocal(true);
        path.localAckTimeout(19).trafficClass(1).hopLimit(64);
        assertThat(hex(88, 96)).isEqualTo("fffff03f" + "01405898");
        new CmRequestFlyweight().wrap(segment, 0).alternatePath(path).localLid(0xffff);
        assertThat(hex(96, 98)).isEqualTo("ffff");
    }

    @Test
    void shouldPlaceTheFieldsOfAReply() {
        CmReplyFlyweight rep = new CmReplyFlyweight().wrap(segment, 0);
        rep.localCommunicationId(1).remoteCommunicationId(2).localQpn(3).startingPsn(4);
        rep.responderResources(5).initiatorDepth(6).targetAckDelay(15).failoverAccepted(2);
        rep.endToEndFlowControl(true).rnrRetryCount(7).srq(true).localCaGuid(-1);
        assertThat(hex(0, 36))
                .isEqualTo(
                        "0000000100000002"
                                + "00000000"
                                + "00000300"
                                + "00000000"
                                + "00000400"
                                + "05067df0"
                                + "ffffffffffffffff");
        assertThat(rep.privateData().byteSize()).isEqualTo(196);
    }

    @Test
    void shouldPlaceTheFieldsOfTheSmallMessages() {
        CmRejectFlyweight rej = new CmRejectFlyweight().wrap(segment, 0);
        rej.messageRejected(2).infoLength(16).reason(28);
        assertThat(hex(8, 12)).isEqualTo("8020001c");
        assertThat(rej.additionalInfo().byteSize() + rej.privateData().byteSize()).isEqualTo(220);
        clear();
        new CmMessageReceiptFlyweight().wrap(segment, 0).messageReceived(1).serviceTimeout(19);
        assertThat(hex(8, 10)).isEqualTo("4098");
        clear();
        new CmDisconnectRequestFlyweight().wrap(segment, 0).remoteQpn(0x112233);
        assertThat(hex(8, 12)).isEqualTo("11223300");
        assertThat(new CmReadyToUseFlyweight().wrap(segment, 0).privateData().byteSize())
                .isEqualTo(224);
        assertThat(new CmDisconnectReplyFlyweight().wrap(segment, 0).privateData().byteSize())
                .isEqualTo(224);
        clear();
        CmServiceIdRequestFlyweight request = new CmServiceIdRequestFlyweight().wrap(segment, 0);
        request.requestId(9).partitionKey(0xffff).serviceId(ServiceId.of(0x111, 7174));
        assertThat(hex(0, 16)).isEqualTo("00000009" + "ffff0000" + "0000000001111c06");
        clear();
        CmServiceIdReplyFlyweight reply = new CmServiceIdReplyFlyweight().wrap(segment, 0);
        reply.requestId(9).status(3).qpn(0x112233).serviceId(1).queueKey(0x01234567);
        assertThat(hex(0, 24))
                .isEqualTo("00000009" + "03000000" + "11223300" + "0000000000000001" + "01234567");
        clear();
        new CmLoadAlternatePathFlyweight().wrap(segment, 0).remoteQpn(1).remoteResponseTimeout(2);
        assertThat(hex(12, 16)).isEqualTo("00000110");
        clear();
        new CmAlternatePathResponseFlyweight().wrap(segment, 0).infoLength(1).status(2);
        assertThat(hex(8, 10)).isEqualTo("0102");
    }

    @Test
    void shouldPlaceTheIpHeaderOfThePrivateData() {
        IpCmHeaderFlyweight ip = new IpCmHeaderFlyweight().wrap(segment, 0);
        ip.ipVersion(4).sourcePort(0x9999).destinationAddress(new byte[16]);
        byte[] source = new byte[16];
        source[15] = 1;
        ip.sourceAddress(source);
        assertThat(hex(0, 20)).isEqualTo("00409999" + "00".repeat(15) + "01");
        assertThat(ip.sourceAddress()).isEqualTo(source);
        assertThatThrownBy(() -> ip.sourceAddress(new byte[4]))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("field is 16 bytes, value is 4");
    }

    private String hex(int from, int to) {
        return HexFormat.of().formatHex(bytes, from, to);
    }
}
