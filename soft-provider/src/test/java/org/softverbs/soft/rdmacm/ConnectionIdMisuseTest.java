package org.softverbs.soft.rdmacm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.InetSocketAddress;
import org.junit.jupiter.api.Test;
import org.softverbs.cm.CmEvent;
import org.softverbs.cm.CmEventType;
import org.softverbs.cm.ConnectionId;
import org.softverbs.cm.ConnectionIdState;
import org.softverbs.cm.ConnectionOptions;
import org.softverbs.cm.ConnectionParameters;
import org.softverbs.cm.EventChannel;
import org.softverbs.cm.PortSpace;
import org.softverbs.cm.PrivateData;
import org.softverbs.cm.RejectReason;
import org.softverbs.verbs.Errno;
import org.softverbs.verbs.QueuePair;
import org.softverbs.verbs.VerbsException;

/// Verbs that do not fit, and IDs, listeners and devices that go while something is under way.
class ConnectionIdMisuseTest extends ConnectionFixture {

    /// A peer that says 0 would have this side wait for acknowledgements for ever.
    @Test
    void shouldTakeTheAckTimeoutOfAPeerWithinBounds() {
        server.listen(PortSpace.TCP);
        for (int timeout : new int[] {0, 31}) {
            ConnectionId asking = resolved(PortSpace.TCP);
            asking.options(ConnectionOptions.builder().ackTimeout(timeout).build());
            asking.createQueuePair(client.domain, client.options());
            asking.connect(ConnectionParameters.DEFAULT);
            ConnectionId asked = server.nextRequest();
            QueuePair queuePair = asked.createQueuePair(server.domain, server.options());
            asked.accept(ConnectionParameters.DEFAULT);
            client.next(CmEventType.ESTABLISHED);
            server.next(CmEventType.ESTABLISHED);
            assertThat(queuePair.query().timeout()).isEqualTo(timeout == 0 ? 14 : 21);
        }
    }

    @Test
    void shouldNotBindAPortTwiceUnlessBothShare() {
        server.newId(PortSpace.TCP).bind(server.address(PORT));
        assertThatThrownBy(() -> server.newId(PortSpace.TCP).bind(server.address(PORT)))
                .isInstanceOf(VerbsException.class)
                .hasMessageContaining("EADDRINUSE");
        server.newId(PortSpace.UDP).bind(server.address(PORT));
        ConnectionOptions sharing = ConnectionOptions.builder().reuseAddress(true).build();
        for (int i = 0; i < 2; i++) {
            ConnectionId id = server.newId(PortSpace.TCP);
            id.options(sharing);
            id.bind(server.address(PORT + 1));
        }
        ConnectionId other = server.newId(PortSpace.TCP);
        assertThatThrownBy(() -> other.bind(new InetSocketAddress("10.99.99.99", PORT)))
                .hasMessageContaining("EADDRNOTAVAIL");
    }

    @Test
    void shouldRefuseVerbsThatDoNotFitTheState() {
        ConnectionId id = client.newId(PortSpace.TCP);
        assertThatThrownBy(() -> id.connect(ConnectionParameters.DEFAULT))
                .hasMessageContaining("IDLE");
        assertThatThrownBy(() -> id.accept(ConnectionParameters.DEFAULT))
                .hasMessageContaining("EINVAL");
        assertThatThrownBy(id::disconnect).hasMessageContaining("EINVAL");
        assertThatThrownBy(id::establish).hasMessageContaining("EINVAL");
        assertThatThrownBy(() -> id.resolveRoute(NONE)).hasMessageContaining("EINVAL");
        Pair pair = connected();
        assertThatThrownBy(() -> pair.server().accept(ConnectionParameters.DEFAULT))
                .as("accept twice")
                .hasMessageContaining("ESTABLISHED");
        assertThatThrownBy(
                        () ->
                                pair.server()
                                        .reject(RejectReason.CONSUMER_DEFINED, PrivateData.EMPTY))
                .hasMessageContaining("EINVAL");
        ConnectionId unequipped = resolved(PortSpace.TCP);
        assertThatThrownBy(() -> unequipped.connect(ConnectionParameters.DEFAULT))
                .hasMessageContaining("no queue pair");
    }

    @Test
    void shouldNotCloseAnIdWhoseEventsAreNotAcknowledged() throws InterruptedException {
        ConnectionId id = client.newId(PortSpace.TCP);
        id.resolveAddress(server.address(PORT), NONE);
        CmEvent event = client.channel.await(NONE).orElseThrow();
        assertThatThrownBy(id::close)
                .isInstanceOf(VerbsException.class)
                .hasMessageContaining("EBUSY");
        assertThat(id.state()).isEqualTo(ConnectionIdState.ADDR_RESOLVED);
        event.acknowledge();
        event.acknowledge();
        id.close();
        assertThat(id.state()).isEqualTo(ConnectionIdState.CLOSED);
    }

    @Test
    void shouldRejectRequestsThatNobodyTookWhenTheListenerCloses() {
        ConnectionId listener = server.listen(PortSpace.TCP);
        connecting(ConnectionParameters.DEFAULT);
        listener.close();
        assertThat(client.next(CmEventType.REJECTED).rejectReason())
                .contains(RejectReason.CONSUMER_DEFINED);
        server.expectNothing();
    }

    @Test
    void shouldKeepRequestsThatWereTakenWhenTheListenerCloses() {
        ConnectionId listener = server.listen(PortSpace.TCP);
        connecting(ConnectionParameters.DEFAULT);
        ConnectionId asked = server.nextRequest();
        listener.close();
        asked.createQueuePair(server.domain, server.options());
        asked.accept(ConnectionParameters.DEFAULT);
        client.next(CmEventType.ESTABLISHED);
        server.next(CmEventType.ESTABLISHED);
    }

    @Test
    void shouldRefuseMoreRequestsThanTheBacklogUntilTheyAreTaken() {
        ConnectionId listener = server.newId(PortSpace.TCP);
        listener.bind(server.address(PORT));
        listener.listen(1);
        connecting(ConnectionParameters.DEFAULT);
        connecting(ConnectionParameters.DEFAULT);
        assertThat(client.next(CmEventType.REJECTED).rejectReason())
                .contains(RejectReason.NO_RESOURCES);
        server.nextRequest();
        connecting(ConnectionParameters.DEFAULT);
        server.nextRequest();
    }

    @Test
    void shouldTakeBackRequestsThatAreOverBeforeAnybodyTookThem() {
        server.listen(PortSpace.TCP);
        connecting(ConnectionParameters.DEFAULT).close();
        assertThat(server.manager.ids()).hasSize(1);
        server.expectNothing();
    }

    @Test
    void shouldTellOfRequestsThatAreOverBeforeTheyAreAnswered() {
        server.listen(PortSpace.TCP);
        ConnectionId asking = connecting(ConnectionParameters.DEFAULT);
        ConnectionId asked = server.nextRequest();
        asking.close();
        assertThat(server.next(CmEventType.REJECTED).rejectReason()).contains(RejectReason.TIMEOUT);
        assertThatThrownBy(() -> asked.accept(ConnectionParameters.DEFAULT))
                .hasMessageContaining("DISCONNECTED");
    }

    @Test
    void shouldEndTheConnectionWhenAnIdCloses() {
        Pair pair = connected();
        pair.server().close();
        client.next(CmEventType.DISCONNECTED);
        server.expectNothing();
    }

    @Test
    void shouldMoveEventsToAnotherChannel() throws InterruptedException {
        ConnectionId id = client.newId(PortSpace.TCP);
        id.resolveAddress(server.address(PORT), NONE);
        try (EventChannel other = client.manager.createEventChannel()) {
            id.migrate(other);
            client.expectNothing();
            try (CmEvent event = other.await(NONE).orElseThrow()) {
                assertThat(event.type()).isEqualTo(CmEventType.ADDR_RESOLVED);
                assertThatThrownBy(() -> id.migrate(client.channel)).hasMessageContaining("EBUSY");
            }
            assertThatThrownBy(other::close).hasMessageContaining("EBUSY");
            id.close();
        }
    }

    @Test
    void shouldTellOfADeviceThatIsRemovedAndOfAnAddressThatIsGone() {
        ConnectionId id = client.newId(PortSpace.TCP);
        id.bind(client.address(PORT));
        client.device.run(() -> client.manager.onAddressChange(client.device));
        client.expectNothing();
        client.device.run(() -> client.manager.onDeviceRemoved(client.device));
        assertThat(client.next(CmEventType.DEVICE_REMOVAL).id()).isEqualTo(id);
        assertThat(id.state()).isEqualTo(ConnectionIdState.DEVICE_REMOVED);
    }

    @Test
    void shouldSayThatNoDeviceLeadsToAPeerOfAnotherFamily() {
        ConnectionId id = client.newId(PortSpace.TCP);
        id.resolveAddress(new InetSocketAddress("fd00::1", PORT), NONE);
        CmEvent event = client.next(CmEventType.ADDR_ERROR);
        assertThat(event.status()).isEqualTo(-Errno.ENETUNREACH.number());
        assertThat(event.explanation()).get().asString().contains("no device");
    }
}
