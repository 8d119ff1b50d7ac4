package org.softverbs.soft.wire.packet;

import org.softverbs.soft.wire.roce.BthFlyweight;
import org.softverbs.soft.wire.roce.RoceOpcode;

/**
 * The fields of a {@link BthFlyweight}.
 *
 * @param padCount 0 to 3
 * @param transportVersion always 0 in a packet that parses
 * @param reserved6 the reserved bits beside FECN and BECN
 * @param reserved7 the reserved bits beside the acknowledge request
 */
public record Bth(
        RoceOpcode opcode,
        boolean solicitedEvent,
        boolean migrationRequest,
        int padCount,
        int transportVersion,
        int partitionKey,
        boolean forwardCongestion,
        boolean backwardCongestion,
        int reserved6,
        int destinationQpn,
        boolean ackRequest,
        int reserved7,
        int psn) {

    static Bth read(RoceOpcode opcode, BthFlyweight bth) {
        return new Bth(
                opcode,
                bth.solicitedEvent(),
                bth.migrationRequest(),
                bth.padCount(),
                bth.transportVersion(),
                bth.partitionKey(),
                bth.forwardCongestion(),
                bth.backwardCongestion(),
                bth.reserved6(),
                bth.destinationQpn(),
                bth.ackRequest(),
                bth.reserved7(),
                bth.psn());
    }

    void write(BthFlyweight bth) {
        bth.opcode(opcode.wireValue())
                .solicitedEvent(solicitedEvent)
                .migrationRequest(migrationRequest)
                .padCount(padCount)
                .transportVersion(transportVersion)
                .partitionKey(partitionKey)
                .forwardCongestion(forwardCongestion)
                .backwardCongestion(backwardCongestion)
                .reserved6(reserved6)
                .destinationQpn(destinationQpn)
                .ackRequest(ackRequest)
                .reserved7(reserved7)
                .psn(psn);
    }
}
