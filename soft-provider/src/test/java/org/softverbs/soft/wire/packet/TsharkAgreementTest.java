package org.softverbs.soft.wire.packet;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.zip.GZIPInputStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/**
 * Compares every field with what tshark 4.0 printed for it; see {@code
 * src/test/scripts/tshark-fields}. A field that tshark shows must be there and equal, and a field
 * of ours that has a name at tshark must be shown.
 */
class TsharkAgreementTest {

    /**
     * Name at tshark (without {@code infiniband.}), our names (the first that exists counts), and
     * how to read tshark's text where the kind of our value does not tell: hex digits, an address.
     */
    private static final String TABLE =
            """
            ip.src ip.source address
            ip.dst ip.destination address
            ip.id ip.identification
            ip.flags.df ip.dontFragment
            ip.len ip.totalLength
            ipv6.src ipv6.source address
            ipv6.dst ipv6.destination address
            ipv6.plen ipv6.payloadLength
            udp.srcport udp.sourcePort
            udp.length udp.length
            bth.opcode bth.opcode
            bth.se bth.solicitedEvent
            bth.m bth.migrationRequest
            bth.padcnt bth.padCount
            bth.tver bth.transportVersion
            bth.p_key bth.partitionKey
            bth.destqp bth.destinationQpn
            bth.a bth.ackRequest
            bth.reserved7 bth.reserved7
            bth.psn bth.psn
            deth.q_key deth.queueKey
            deth.srcqp deth.sourceQpn
            reth.va reth.virtualAddress|atomicEth.virtualAddress
            reth.r_key reth.remoteKey|atomicEth.remoteKey
            reth.dmalen reth.dmaLength
            atomiceth.swapdt atomicEth.swapOrAdd
            atomiceth.cmpdt atomicEth.compare
            aeth.syndrome aeth.syndrome
            aeth.msn aeth.messageSequenceNumber
            atomicacketh.origremdt atomicAckEth.originalValue
            immdt immDt.immediate hex
            ieth ieth.remoteKey hex
            invariant.crc icrc reversed
            payload payload start
            data.data payload padded
            mad.baseversion mad.baseVersion
            mad.mgmtclass mad.managementClass
            mad.classversion mad.classVersion
            mad.method mad.method
            mad.status mad.status
            mad.classspecific mad.classSpecific
            mad.transactionid mad.transactionId
            mad.attributeid mad.attributeId
            mad.attributemodifier mad.attributeModifier
            cm.req cm.req.localCommunicationId
            cm.req.serviceid cm.req.serviceId
            cm.req.serviceid.dport cm.req.serviceId low16
            cm.req.localcaguid cm.req.localCaGuid
            cm.req.localqkey cm.req.localQueueKey
            cm.req.localqpn cm.req.localQpn
            cm.req.responderres cm.req.responderResources
            cm.req.localeecn cm.req.localEecn
            cm.req.initdepth cm.req.initiatorDepth
            cm.req.remoteeecn cm.req.remoteEecn
            cm.req.remoteresptout cm.req.remoteResponseTimeout
            cm.req.transpsvctype cm.req.transportService
            cm.req.e2eflowctrl cm.req.endToEndFlowControl
            cm.req.startpsn cm.req.startingPsn
            cm.req.localresptout cm.req.localResponseTimeout
            cm.req.retrcount cm.req.retryCount
            cm.req.pkey cm.req.partitionKey
            cm.req.pppmtu cm.req.pathMtu
            cm.req.rdcexist cm.req.rdcExists
            cm.req.rnrretrcount cm.req.rnrRetryCount
            cm.req.maxcmretr cm.req.maxCmRetries
            cm.req.srq cm.req.srq
            cm.req.ext_transport cm.req.extendedTransport
            cm.req.prim_locallid cm.req.primary.localLid
            cm.req.prim_remotelid cm.req.primary.remoteLid
            cm.req.prim_localgid cm.req.primary.localGid address
            cm.req.prim_remotegid cm.req.primary.remoteGid address
            cm.req.prim_localgid_ipv4 cm.req.primary.localGid address
            cm.req.prim_remotegid_ipv4 cm.req.primary.remoteGid address
            cm.req.prim_tfcclass cm.req.primary.trafficClass
            cm.req.prim_hoplim cm.req.primary.hopLimit
            cm.req.prim_sl cm.req.primary.serviceLevel
            cm.req.prim_subnetlocal cm.req.primary.subnetLocal
            cm.req.prim_reserved1 cm.req.primary.reservedSubnet
            cm.req.prim_localacktout cm.req.primary.localAckTimeout
            cm.req.prim_reserved2 cm.req.primary.reservedTimeout
            cm.req.alt_locallid cm.req.alternate.localLid
            cm.req.alt_remotelid cm.req.alternate.remoteLid
            cm.req.alt_localgid cm.req.alternate.localGid
            cm.req.alt_remotegid cm.req.alternate.remoteGid
            cm.req.alt_tfcclass cm.req.alternate.trafficClass
            cm.req.alt_hoplim cm.req.alternate.hopLimit
            cm.req.alt_sl cm.req.alternate.serviceLevel
            cm.req.alt_subnetlocal cm.req.alternate.subnetLocal
            cm.req.alt_localacktout cm.req.alternate.localAckTimeout
            cm.req.ip_cm.majv cm.req.ip.majorVersion
            cm.req.ip_cm.minv cm.req.ip.minorVersion
            cm.req.ip_cm.ipv cm.req.ip.ipVersion
            cm.req.ip_cm.reserved cm.req.ip.reserved1
            cm.req.ip_cm.sport cm.req.ip.sourcePort
            cm.req.ip_cm.sip6 cm.req.ip.sourceAddress address
            cm.req.ip_cm.dip6 cm.req.ip.destinationAddress address
            cm.req.ip_cm.sip4 cm.req.ip.sourceAddress address
            cm.req.ip_cm.dip4 cm.req.ip.destinationAddress address
            cm.req.ip_cm.private cm.req.privateData behind36
            cm.rep cm.rep.localCommunicationId
            cm.rep.remotecommid cm.rep.remoteCommunicationId
            cm.rep.localqkey cm.rep.localQueueKey
            cm.rep.localqpn cm.rep.localQpn
            cm.rep.localeecn cm.rep.localEecn
            cm.rep.startpsn cm.rep.startingPsn
            cm.rep.respres cm.rep.responderResources
            cm.rep.initdepth cm.rep.initiatorDepth
            cm.rep.tgtackdelay cm.rep.targetAckDelay
            cm.rep.failoveracc cm.rep.failoverAccepted
            cm.rep.e2eflowctrl cm.rep.endToEndFlowControl
            cm.rep.rnrretrcount cm.rep.rnrRetryCount
            cm.rep.srq cm.rep.srq
            cm.rep.reserved cm.rep.reserved27
            cm.rep.localcaguid cm.rep.localCaGuid
            cm.rep.private cm.rep.privateData
            cm.rtu.localcommid cm.rtu.localCommunicationId
            cm.rtu.remotecommid cm.rtu.remoteCommunicationId
            cm.rtu.private cm.rtu.privateData
            cm.rej.localcommid cm.rej.localCommunicationId
            cm.rej.remotecommid cm.rej.remoteCommunicationId
            cm.rej.msgrej cm.rej.messageRejected
            cm.rej.reserved0 cm.rej.reserved8
            cm.rej.rejinfolen cm.rej.infoLength
            cm.rej.reserved1 cm.rej.reserved9
            cm.rej.reason cm.rej.reason
            cm.rej.ari cm.rej.additionalInfo
            cm.rej.private cm.rej.privateData
            cm.dreq.localcommid cm.dreq.localCommunicationId
            cm.dreq.remotecommid cm.dreq.remoteCommunicationId
            cm.req.remoteqpneecn cm.dreq.remoteQpn
            cm.dreq.private cm.dreq.privateData
            cm.drsp.localcommid cm.drep.localCommunicationId
            cm.drsp.remotecommid cm.drep.remoteCommunicationId
            cm.drsp.private cm.drep.privateData
            """;

    private static final Pattern TRANSPORT_HEADERS =
            Pattern.compile("(bth|deth|reth|aeth|atomic|immdt|ieth|invariant)");

    private static final String PREFIX = "infiniband.";

    private final Map<String, Integer> compared = new TreeMap<>();
    private final List<String> differences = new ArrayList<>();

    @Test
    void shouldReadEveryFieldAsTsharkDoes() throws IOException {
        Map<String, Map<String, String>> tshark = readTshark();
        List<Captures.Found> packets = Captures.packets();
        assertThat(tshark).hasSameSizeAs(packets);
        for (Captures.Found found : packets) {
            RocePacket packet = ((RocePacket.Accepted) found.roce().parse()).packet();
            Map<String, String> theirs =
                    Objects.requireNonNull(tshark.get(found.file() + " " + found.frame()));
            compare(found, theirs, PacketFields.of(found.roce(), packet));
        }
        assertThat(differences.stream().limit(40)).isEmpty();
        long names = TABLE.lines().count();
        assertThat(compared).as("every row of the table met a packet").hasSize((int) names);
    }

    private void compare(
            Captures.Found found, Map<String, String> theirs, Map<String, Object> ours) {
        for (String row : TABLE.lines().toList()) {
            String[] word = row.split(" ", -1);
            String text = theirs.getOrDefault(word[0], "");
            Object value = first(ours, word[1]);
            String how = word.length > 2 ? word[2] : "";
            if (text.isEmpty()) {
                if (value != null && TRANSPORT_HEADERS.matcher(word[0]).lookingAt()) {
                    differences.add(found + " " + word[0] + ": absent / " + value);
                }
                continue;
            }
            compared.merge(word[0], 1, Integer::sum);
            if (value == null || !agree(text, value, how)) {
                differences.add(found + " " + word[0] + ": " + text + " / " + value);
            }
        }
    }

    private static @Nullable Object first(Map<String, Object> ours, String names) {
        for (String name : names.split("\\|", -1)) {
            if (ours.containsKey(name)) {
                return ours.get(name);
            }
        }
        return null;
    }

    private static boolean agree(String text, Object value, String how) {
        return switch (value) {
            case Octets octets when how.equals("address") -> agreeAddress(text, octets);
            case Octets octets when how.equals("behind36") ->
                    Arrays.equals(
                            HexFormat.of().parseHex(text),
                            Arrays.copyOfRange(octets.toArray(), 36, octets.length()));
            case Octets octets when how.equals("start") -> octets.toString().startsWith(text);
            case Octets octets when how.equals("padded") ->
                    text.equals(octets + "00".repeat(-octets.length() & 3));
            case Octets octets -> octets.toString().equals(text);
            case Boolean bit -> (Long.decode(text) != 0) == bit;
            case Long number when how.equals("hex") -> Long.parseLong(text, 16) == number;
            case Long number when how.equals("reversed") ->
                    Integer.reverseBytes(number.intValue()) == Long.decode(text).intValue();
            case Long number when how.equals("low16") -> (number & 0xffff) == Long.decode(text);
            case Long number -> unsigned(text) == number;
            default -> false;
        };
    }

    private static long unsigned(String text) {
        return text.startsWith("0x")
                ? Long.parseUnsignedLong(text, 2, text.length(), 16)
                : Long.parseUnsignedLong(text);
    }

    private static boolean agreeAddress(String text, Octets octets) {
        byte[] theirs = InetAddress.ofLiteral(text).getAddress();
        byte[] ours = octets.toArray();
        return Arrays.equals(
                theirs, Arrays.copyOfRange(ours, ours.length - theirs.length, ours.length));
    }

    private static Map<String, Map<String, String>> readTshark() throws IOException {
        Map<String, Map<String, String>> packets = new HashMap<>();
        var file = TsharkAgreementTest.class.getResourceAsStream("/tshark-fields.tsv.gz");
        try (BufferedReader reader =
                new BufferedReader(
                        new InputStreamReader(
                                new GZIPInputStream(Objects.requireNonNull(file)),
                                StandardCharsets.US_ASCII))) {
            String[] names = Objects.requireNonNull(reader.readLine()).split("\t", -1);
            reader.lines()
                    .map(line -> line.split("\t", -1))
                    .forEach(row -> add(packets, names, row));
        }
        return packets;
    }

    private static void add(
            Map<String, Map<String, String>> packets, String[] names, String[] row) {
        Map<String, String> fields = new HashMap<>();
        for (int i = 2; i < row.length; i++) {
            String name =
                    names[i].startsWith(PREFIX) ? names[i].substring(PREFIX.length()) : names[i];
            fields.put(name, row[i]);
        }
        packets.put(row[0] + " " + row[1], fields);
    }
}
