package org.softverbs.interop;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.time.Duration;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// The lab itself, proved with the stock tools only: both ends in one guest, over its rxe0.
@InteropTest
class KernelGuestIT {

    private static final long LATENCY_LIMIT_NANOS = Duration.ofMillis(250).toNanos();

    @Test
    void shouldReportOutputErrorsAndExitCode(KernelGuest guest) {
        CommandResult result = guest.shell("echo out; echo err >&2; exit 7");
        assertThat(result.stdout()).isEqualTo("out\n");
        assertThat(result.stderr()).isEqualTo("err\n");
        assertThat(result.exitCode()).isEqualTo(7);
        assertThat(guest.exec("printf", "%s|", "a b", "it's", "").stdout()).isEqualTo("a b|it's||");
    }

    @Test
    void shouldSurviveManyCommandsAndAnswerFast(KernelGuest guest) {
        int commands = 100;
        long[] nanos = new long[commands];
        for (int i = 0; i < commands; i++) {
            long start = System.nanoTime();
            assertThat(guest.exec("echo", "line " + i).stdout()).isEqualTo("line " + i + "\n");
            nanos[i] = System.nanoTime() - start;
        }
        Arrays.sort(nanos);
        System.out.printf("Command in the guest: median %.1f ms%n", nanos[commands / 2] / 1e6);
        assertThat(nanos[commands / 2]).isLessThan(LATENCY_LIMIT_NANOS);
    }

    @Test
    void shouldRunCommandsSideBySideAndKillThem(KernelGuest guest) {
        LabCommand sleeper = guest.startShell("echo started; sleep 600 & sleep 600");
        sleeper.awaitReady(ReadyWhen.prints("started"));
        assertThat(guest.shell("pidof sleep").succeeded()).isTrue();
        sleeper.kill();
        assertThat(sleeper.isRunning()).isFalse();
        assertThat(guest.shell("pidof sleep").succeeded()).isFalse();
    }

    @Test
    void shouldShareFilesWithTheHost(KernelGuest guest) throws IOException {
        guest.shell("echo from guest > " + guest.sharedPath() + "/greeting").requireSuccess();
        assertThat(Files.readString(guest.share().resolve("greeting"))).isEqualTo("from guest\n");
    }

    @Test
    void shouldHaveAnRxeDeviceWithItsAddressesInOrder(KernelGuest guest) {
        CommandResult gids = guest.shell("cat /sys/class/infiniband/rxe0/ports/1/gids/[0-3]");
        String[] octets = guest.address().split("\\.", -1);
        String mapped =
                "0000:0000:0000:0000:0000:ffff:%02x%02x:%02x%02x"
                        .formatted(Arrays.stream(octets).map(Integer::valueOf).toArray());
        assertThat(gids.stdout().lines().skip(KernelGuest.GID_INDEX_IPV4).findFirst())
                .contains(mapped);
        assertThat(gids.stdout().lines().skip(KernelGuest.GID_INDEX_IPV6).findFirst().orElseThrow())
                .startsWith("fd77:");
    }

    @ParameterizedTest
    @CsvSource({"1500, 1024", "4200, 4096"})
    void shouldDerivePathMtuFromLinkMtu(int linkMtu, int pathMtu, KernelGuest guest) {
        guest.mtu(linkMtu);
        assertThat(guest.exec("ibv_devinfo", "-d", KernelGuest.DEVICE).requireSuccess().stdout())
                .containsPattern("active_mtu:\\s+" + pathMtu + " ");
    }

    @Test
    void shouldPlayPingpongWithItself(KernelGuest guest) {
        LabCommand server = guest.start(StockTool.pingpong("ibv_rc_pingpong", "-c", "-n", "200"));
        server.awaitReady(ReadyWhen.listening(StockTool.PORT));
        LabCommand client =
                guest.start(
                        StockTool.pingpong("ibv_rc_pingpong", "-c", "-n", "200", guest.address()));
        assertThat(client.await(StockTool.PATIENCE).requireSuccess().stdout())
                .contains("200 iters");
        server.await(StockTool.PATIENCE).requireSuccess();
    }

    @ParameterizedTest
    @ValueSource(strings = {"ib_write_bw", "ib_read_bw", "ib_send_lat", "ib_atomic_lat"})
    void shouldRunPerftestWithItself(String tool, KernelGuest guest) {
        LabCommand server = guest.start(StockTool.perftest(tool, "-n", "100"));
        server.awaitReady(ReadyWhen.listening(StockTool.PORT));
        LabCommand client = guest.start(StockTool.perftest(tool, "-n", "100", guest.address()));
        client.await(StockTool.PATIENCE).requireSuccess();
        server.await(StockTool.PATIENCE).requireSuccess();
    }

    @Test
    void shouldHaveEveryStockTool(KernelGuest guest) {
        guest.shell(
                        """
                        for tool in ibv_devices ibv_devinfo ibv_rc_pingpong ibv_uc_pingpong \
                            ibv_ud_pingpong ibv_srq_pingpong ibv_xsrq_pingpong ib_send_bw \
                            ib_send_lat ib_write_bw ib_write_lat ib_read_bw ib_read_lat \
                            ib_atomic_bw ib_atomic_lat rping udaddy ucmatose mckey nvme rdma ip tc \
                            ethtool; do
                          command -v $tool >/dev/null || { echo "no $tool" >&2; exit 1; }
                        done
                        """)
                .requireSuccess();
        guest.shell("modprobe -a nvme-rdma nvmet-rdma null_blk sch_netem").requireSuccess();
    }
}
