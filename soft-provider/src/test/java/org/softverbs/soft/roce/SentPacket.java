package org.softverbs.soft.roce;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Objects;
import org.softverbs.soft.wire.packet.Extension;
import org.softverbs.soft.wire.packet.RocePacket;

/// What a script says of a packet that an engine sent.
record SentPacket(RocePacket packet) {

    SentPacket askingForAck(boolean asking) {
        assertThat(packet.bth().ackRequest()).as("AckReq of %s", packet.bth()).isEqualTo(asking);
        return this;
    }

    SentPacket payload(int length) {
        assertThat(packet.payload().length()).isEqualTo(length);
        assertThat(packet.bth().padCount()).isEqualTo(-length & 3);
        return this;
    }

    Extension.Reth reth() {
        return extension(Extension.Reth.class);
    }

    SentPacket reth(long address, long length) {
        Extension.Reth reth = extension(Extension.Reth.class);
        assertThat(reth).isEqualTo(new Extension.Reth(address, EngineScript.EXPOSED_KEY, length));
        return this;
    }

    SentPacket toQueue(int number) {
        assertThat(extension(Extension.XrcEth.class)).isEqualTo(new Extension.XrcEth(0, number));
        return this;
    }

    SentPacket syndrome(int syndrome) {
        assertThat(extension(Extension.Aeth.class).syndrome()).isEqualTo(syndrome);
        return this;
    }

    int syndrome() {
        return extension(Extension.Aeth.class).syndrome();
    }

    SentPacket messageSequenceNumber(int number) {
        assertThat(extension(Extension.Aeth.class).messageSequenceNumber()).isEqualTo(number);
        return this;
    }

    SentPacket original(long value) {
        assertThat(extension(Extension.AtomicAckEth.class).originalValue()).isEqualTo(value);
        return this;
    }

    <T extends Extension> T extension(Class<T> type) {
        return Objects.requireNonNull(
                packet.extensions().stream()
                        .filter(type::isInstance)
                        .map(type::cast)
                        .findFirst()
                        .orElse(null),
                () -> packet.bth().opcode() + " has no " + type.getSimpleName());
    }
}
