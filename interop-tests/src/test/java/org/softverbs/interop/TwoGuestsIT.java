package org.softverbs.interop;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.util.Arrays;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Two kernels over the container network: what our node has to stand in for one of. On a clean
/// link only: under loss the stock tools hang now and then between two kernels, too.
@InteropTest
class TwoGuestsIT {

    @ParameterizedTest
    @ValueSource(ints = {1500, LabNetwork.LINK_MTU})
    void shouldPlayPingpongAtEachMtu(int mtu, KernelGuest server, LabNetwork network)
            throws IOException {
        try (KernelGuest client = network.bootGuest("second-" + mtu)) {
            server.mtu(mtu);
            client.mtu(mtu);
            String pathMtu = mtu == 1500 ? "1024" : "4096";
            try (PacketCapture capture = client.capture("pingpong.pcap")) {
                play(server, client, "-c", "-m", pathMtu, "-s", "65536", "-n", "50");
                assertThat(Files.size(capture.finish())).isGreaterThan(2L * 50 * 65536);
            }
        }
    }

    private static void play(KernelGuest server, KernelGuest client, String... options) {
        LabCommand serving = server.start(StockTool.pingpong("ibv_rc_pingpong", options));
        serving.awaitReady(ReadyWhen.listening(StockTool.PORT));
        String[] toServer = Arrays.copyOf(options, options.length + 1);
        toServer[options.length] = server.address();
        LabCommand calling = client.start(StockTool.pingpong("ibv_rc_pingpong", toServer));
        calling.await(StockTool.PATIENCE).requireSuccess();
        serving.await(StockTool.PATIENCE).requireSuccess();
    }
}
