package org.softverbs.ulp.store;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.softverbs.ulp.tool.SideChannel;
import org.softverbs.ulp.tool.SideListener;
import org.softverbs.verbs.PrivilegedContext;
import org.softverbs.verbs.RdmaDevices;

/// The entrance of a store, over a port that fails.
class StoreServiceTest {

    private static final int FAILURES = 3;

    /// A port whose first accepts fail, as they do when there are no more file descriptors.
    private static final class SimulatedPort extends ServerSocket {
        private final AtomicInteger left;

        SimulatedPort(int failures) throws IOException {
            left = new AtomicInteger(failures);
            bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
        }

        @Override
        public Socket accept() throws IOException {
            if (!isClosed() && left.getAndDecrement() > 0) {
                throw new SocketException("Too many open files");
            }
            return super.accept();
        }
    }

    /// A port whose accept does what no port should.
    private static final class BrokenPort extends ServerSocket {
        private final Semaphore breaks = new Semaphore(0);

        BrokenPort() throws IOException {
            bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
        }

        @Override
        public Socket accept() {
            breaks.acquireUninterruptibly();
            throw new IllegalStateException("a bug");
        }
    }

    private final PrivilegedContext device =
            RdmaDevices.openPrivileged("rxe@127.4.203.1", Map.of());
    private final StoreTarget target =
            new StoreTarget(device, StoreSettings.of(new StoreGeometry(512, 64)));

    @AfterEach
    void close() {
        target.close();
        device.close();
    }

    @Test
    void shouldGoOnAcceptingAfterAnAcceptThatFailed() throws IOException {
        try (StoreService service =
                        new StoreService(target, new SideListener(new SimulatedPort(FAILURES)));
                SideChannel channel = SideChannel.connect("127.0.0.1", service.port())) {
            channel.readTimeout(Duration.ofSeconds(10));
            channel.send(new byte[192]);
            assertThat(channel.receiveString(192, "answer")).startsWith("refused: ");
            assertThat(service.failures()).isEqualTo(FAILURES);
            assertThat(service.isOpen()).isTrue();
        }
    }

    @Test
    void shouldEndTheWaitAfterAFailureWhenItIsClosed() throws IOException {
        SimulatedPort port = new SimulatedPort(Integer.MAX_VALUE);
        StoreService service = new StoreService(target, new SideListener(port));
        StoreWorld.until("a failure", () -> service.failures() > 0);
        assertThat(service.isOpen()).isTrue();
        service.close();
        assertThat(service.isOpen()).isFalse();
        assertThat(port.isClosed()).isTrue();
    }

    @Test
    void shouldNotLookOpenWhenItsThreadHasEnded() throws IOException {
        BrokenPort port = new BrokenPort();
        StoreService service = new StoreService(target, new SideListener(port));
        assertThat(service.isOpen()).isTrue();
        port.breaks.release();
        StoreWorld.until("closed", () -> !service.isOpen());
        StoreWorld.until("the port is given back", port::isClosed);
    }
}
