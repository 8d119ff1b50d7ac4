package org.softverbs.soft.wire.packet;

import java.lang.foreign.MemorySegment;
import java.util.Map;
import org.softverbs.soft.wire.net.Ipv4Flyweight;
import org.softverbs.soft.wire.net.Ipv6Flyweight;
import org.softverbs.soft.wire.net.UdpFlyweight;
import org.softverbs.soft.wire.roce.AckSyndrome;

/**
 * Every field of a captured packet by name, from the IP header to the ICRC: {@code bth.psn}, {@code
 * reth.dmaLength}, {@code cm.req.primary.hopLimit}. Values are {@link Long} (unsigned), {@link
 * Boolean}, {@link Octets} or, for enums, {@link String}.
 */
public final class PacketFields {

    private static final int MANAGEMENT_QPN = 1;

    private PacketFields() {}

    /** Lists the fields of a packet that parsed. */
    public static Map<String, Object> of(CapturedRoce captured, RocePacket packet) {
        FieldList list = new FieldList();
        if (captured.isIpv6()) {
            ipv6(list.under("ipv6"), new Ipv6Flyweight().wrap(captured.ip(), 0));
        } else {
            ipv4(list.under("ip"), new Ipv4Flyweight().wrap(captured.ip(), 0));
        }
        udp(list.under("udp"), captured.udp());
        bth(list.under("bth"), packet.bth());
        packet.extensions().forEach(extension -> extension(list, extension));
        if (packet.payload().length() > 0) {
            list.add("payload", packet.payload());
        }
        if (packet.pad().length() > 0) {
            list.add("pad", packet.pad());
        }
        boolean isMad = packet.bth().destinationQpn() == MANAGEMENT_QPN;
        if (isMad) {
            MemorySegment payload = MemorySegment.ofArray(packet.payload().toArray());
            CmFields.list(list, payload, 0, packet.payload().length());
        }
        list.add("icrc", Integer.toUnsignedLong(captured.storedIcrc()));
        return list.fields();
    }

    private static void ipv4(FieldList list, Ipv4Flyweight ip) {
        list.add("version", ip.version());
        list.add("headerLength", ip.headerLength());
        list.add("typeOfService", ip.typeOfService());
        list.add("totalLength", ip.totalLength());
        list.add("identification", ip.identification());
        list.add("dontFragment", (ip.fragmentBits() & Ipv4Flyweight.DONT_FRAGMENT) != 0);
        list.add("timeToLive", ip.timeToLive());
        list.add("protocol", ip.protocol());
        list.add("headerChecksum", ip.headerChecksum());
        list.add("source", ip.source());
        list.add("destination", ip.destination());
    }

    private static void ipv6(FieldList list, Ipv6Flyweight ip) {
        list.add("version", ip.version());
        list.add("trafficClass", ip.trafficClass());
        list.add("flowLabel", ip.flowLabel());
        list.add("payloadLength", ip.payloadLength());
        list.add("nextHeader", ip.nextHeader());
        list.add("hopLimit", ip.hopLimit());
        list.add("source", ip.source());
        list.add("destination", ip.destination());
    }

    private static void udp(FieldList list, UdpFlyweight udp) {
        list.add("sourcePort", udp.sourcePort());
        list.add("destinationPort", udp.destinationPort());
        list.add("length", udp.length());
        list.add("checksum", udp.checksum());
    }

    private static void bth(FieldList list, Bth bth) {
        list.add("opcode", bth.opcode().wireValue());
        list.add("opcodeName", bth.opcode().name());
        list.add("solicitedEvent", bth.solicitedEvent());
        list.add("migrationRequest", bth.migrationRequest());
        list.add("padCount", bth.padCount());
        list.add("transportVersion", bth.transportVersion());
        list.add("partitionKey", bth.partitionKey());
        list.add("forwardCongestion", bth.forwardCongestion());
        list.add("backwardCongestion", bth.backwardCongestion());
        list.add("reserved6", bth.reserved6());
        list.add("destinationQpn", bth.destinationQpn());
        list.add("ackRequest", bth.ackRequest());
        list.add("reserved7", bth.reserved7());
        list.add("psn", bth.psn());
    }

    private static void extension(FieldList list, Extension extension) {
        switch (extension) {
            case Extension.Reth reth -> {
                FieldList fields = list.under("reth");
                fields.add("virtualAddress", reth.virtualAddress());
                fields.add("remoteKey", Integer.toUnsignedLong(reth.remoteKey()));
                fields.add("dmaLength", reth.dmaLength());
            }
            case Extension.Aeth aeth -> {
                FieldList fields = list.under("aeth");
                fields.add("syndrome", aeth.syndrome());
                fields.add("syndromeName", AckSyndrome.describe(aeth.syndrome()));
                fields.add("messageSequenceNumber", aeth.messageSequenceNumber());
            }
            case Extension.AtomicEth atomic -> {
                FieldList fields = list.under("atomicEth");
                fields.add("virtualAddress", atomic.virtualAddress());
                fields.add("remoteKey", Integer.toUnsignedLong(atomic.remoteKey()));
                fields.add("swapOrAdd", atomic.swapOrAdd());
                fields.add("compare", atomic.compare());
            }
            case Extension.AtomicAckEth ack ->
                    list.under("atomicAckEth").add("originalValue", ack.originalValue());
            case Extension.ImmDt immDt ->
                    list.under("immDt").add("immediate", Integer.toUnsignedLong(immDt.immediate()));
            case Extension.Ieth ieth ->
                    list.under("ieth").add("remoteKey", Integer.toUnsignedLong(ieth.remoteKey()));
            case Extension.Deth deth -> {
                FieldList fields = list.under("deth");
                fields.add("queueKey", Integer.toUnsignedLong(deth.queueKey()));
                fields.add("reserved", deth.reserved());
                fields.add("sourceQpn", deth.sourceQpn());
            }
            case Extension.Feth feth -> {
                FieldList fields = list.under("feth");
                fields.add("reserved", feth.reserved());
                fields.add("selectivity", feth.selectivity());
                fields.add("placement", feth.placement());
            }
            case Extension.XrcEth xrc -> {
                FieldList fields = list.under("xrcEth");
                fields.add("reserved", xrc.reserved());
                fields.add("sharedReceiveQueue", xrc.sharedReceiveQueue());
            }
        }
    }
}
