package org.softverbs.soft.device;

import java.util.function.BooleanSupplier;
import org.softverbs.soft.link.FaultLink;
import org.softverbs.soft.link.LinkReceiver;
import org.softverbs.soft.link.PacketLink;
import org.softverbs.soft.packet.OutboundPacket;
import org.softverbs.verbs.GlobalIdentifier;

/// A link that does harm until it is healed; what the harmful one held back still comes.
final class HealingLink implements PacketLink {

    private final FaultLink faulty;
    private final PacketLink sound;
    private final BooleanSupplier healed;

    HealingLink(FaultLink faulty, PacketLink sound, BooleanSupplier healed) {
        this.faulty = faulty;
        this.sound = sound;
        this.healed = healed;
    }

    @Override
    public GlobalIdentifier address() {
        return sound.address();
    }

    @Override
    public String interfaceName() {
        return sound.interfaceName();
    }

    @Override
    public int interfaceMtu() {
        return sound.interfaceMtu();
    }

    @Override
    public int sourcePort() {
        return sound.sourcePort();
    }

    @Override
    public boolean hasRoom() {
        return sound.hasRoom();
    }

    @Override
    public void send(OutboundPacket packet) {
        (healed.getAsBoolean() ? sound : faulty).send(packet);
    }

    @Override
    public void flush() {
        faulty.flush();
    }

    @Override
    public void detach() {
        faulty.detach();
    }

    @Override
    public int poll(LinkReceiver receiver, long waitNanos) {
        return faulty.poll(receiver, waitNanos);
    }

    @Override
    public long sendFailures() {
        return faulty.sendFailures();
    }

    @Override
    public void wakeup() {
        faulty.wakeup();
    }

    @Override
    public void close() {
        faulty.close();
    }
}
