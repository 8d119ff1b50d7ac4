package org.softverbs.ulp.perf;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.InetSocketAddress;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.softverbs.cm.ConnectionManager;
import org.softverbs.verbs.CompletionQueue;
import org.softverbs.verbs.DeviceContext;
import org.softverbs.verbs.ProtectionDomain;
import org.softverbs.verbs.QueuePairCapabilities;
import org.softverbs.verbs.QueuePairOptions;
import org.softverbs.verbs.QueuePairType;
import org.softverbs.verbs.RdmaDevices;
import org.softverbs.verbs.VerbsException;

/// Datagram services of tests that end before they begin: nothing may be left, or their protection
/// domain and their device could not be closed.
class ManagedDatagramsTest {

    private static final String SERVER = "127.7.9.1";
    private static final String CLIENT = "127.7.9.2";
    private static final InetSocketAddress ADDRESS = new InetSocketAddress(SERVER, 18_990);

    private static QueuePairOptions options(CompletionQueue completions, int requests) {
        return new QueuePairOptions(
                QueuePairType.UD,
                completions,
                completions,
                new QueuePairCapabilities(requests, 4, 1, 1, 0),
                false);
    }

    /// Opens one service, and ends without using it.
    private static boolean openAndEnd(String own, boolean isClient) {
        try (DeviceContext context = RdmaDevices.open("rxe@" + own);
                ConnectionManager manager = ConnectionManager.open(context);
                ProtectionDomain domain = context.allocateProtectionDomain();
                CompletionQueue completions = context.createCompletionQueue(16);
                ManagedDatagrams datagrams = new ManagedDatagrams(manager, ADDRESS, isClient)) {
            ManagedDatagrams.Service service =
                    datagrams.open(1, domain, options(completions, 4), null).getFirst();
            datagrams.endServices();
            return service.destination() != null;
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void shouldCloseTheWayToThePeer() throws Exception {
        CompletableFuture<Boolean> server =
                CompletableFuture.supplyAsync(() -> openAndEnd(SERVER, false));
        assertThat(openAndEnd(CLIENT, true)).isTrue();
        assertThat(server.get(60, TimeUnit.SECONDS)).isFalse();
    }

    @Test
    void shouldCloseTheIdWhoseQueuePairWasRefused() {
        try (DeviceContext context = RdmaDevices.open("rxe@127.7.9.3");
                ConnectionManager manager = ConnectionManager.open(context);
                ProtectionDomain domain = context.allocateProtectionDomain();
                CompletionQueue completions = context.createCompletionQueue(16);
                ManagedDatagrams datagrams = new ManagedDatagrams(manager, ADDRESS, true)) {
            int tooMany = context.queryDevice().maxQueuePairRequests() + 1;
            assertThatThrownBy(() -> datagrams.open(1, domain, options(completions, tooMany), null))
                    .isInstanceOf(VerbsException.class);
        }
    }
}
