package org.softverbs.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SoftverbsTest {

    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    @TempDir private Path folder;

    @Test
    void shouldCountThePacketsOfACapture() {
        assertThat(run("decode", "--json", capture("user_icrcbad.pcap"))).isZero();
        assertThat(out.toString().strip())
                .isEqualTo(
                        "{\"packets\":48,\"roce\":36,\"icrcOk\":35,\"icrcBad\":1,"
                                + "\"reencoded\":35}");
        assertThat(err.toString()).isEmpty();
    }

    @Test
    void shouldPrintOneLineAPacket() {
        assertThat(run("decode", capture("rxe4_atomic_lat_cs.pcap"))).isZero();
        assertThat(out.toString().lines()).hasSize(20).allMatch(line -> line.endsWith("icrc ok"));
        assertThat(out.toString())
                .containsPattern(
                        " 23 +1\\.106135000 {2}10\\.78\\.0\\.2 > 10\\.78\\.0\\.3 {2}qp 0x0000[0-9a-f]{2}"
                                + " RC_COMPARE_SWAP psn \\d+ ack-request atomic va 0x[0-9a-f]+ rkey");
    }

    @Test
    void shouldPrintEveryField() {
        assertThat(run("decode", "--fields", capture("rxe4_cm_reject.pcap"))).isZero();
        assertThat(out.toString())
                .contains("bth.destinationQpn: 1\n")
                .contains("deth.queueKey: 2147549184 (0x80010000)")
                .contains("cm.req.primary.hopLimit: 64 (0x40)")
                .contains("cm.rej.reason: 8");
    }

    @Test
    void shouldSayInOneLineWhatIsWrongWithAFile() throws IOException {
        assertThat(run("decode", "--json", "/nowhere/x.pcap")).isEqualTo(1);
        assertThat(err.toString()).isEqualTo("softverbs decode: /nowhere/x.pcap: no such file\n");
        Path garbage = Files.writeString(folder.resolve("garbage"), "hello, world, hello");
        err.getBuffer().setLength(0);
        assertThat(run("decode", garbage.toString())).isEqualTo(1);
        assertThat(err.toString())
                .isEqualTo(
                        "softverbs decode: "
                                + garbage
                                + ": at file offset 0: neither pcap nor pcapng"
                                + " (starts with 68656c6c)\n");
        err.getBuffer().setLength(0);
        assertThat(run("decode", folder.toString())).isEqualTo(1);
        assertThat(err.toString().lines()).hasSize(1);
        assertThat(out.toString()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "nonsense",
                "--nonsense",
                "decode",
                "decode a b",
                "explain",
                "explain nonsense",
                "decode --json --fields a"
            })
    void shouldRefuseAWrongCommandLine(String line) {
        assertThat(run(line.isEmpty() ? new String[0] : line.split(" ", -1))).isEqualTo(2);
        assertThat(out.toString()).isEmpty();
        assertThat(err.toString().lines().count()).isEqualTo(2);
        assertThat(err.toString()).startsWith("softverbs").contains("--help");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "--help",
                "-h",
                "decode --help",
                "decode -h",
                "explain --help",
                "explain dma -h"
            })
    void shouldExplainItself(String line) {
        assertThat(run(line.split(" ", -1))).isZero();
        assertThat(out.toString()).startsWith("Usage: softverbs");
        assertThat(err.toString()).isEmpty();
    }

    @Test
    void shouldShowAVersion() {
        assertThat(run("--version")).isZero();
        assertThat(out.toString()).startsWith("softverbs ");
    }

    @Test
    void shouldRunToolsOfOtherModules() {
        assertThat(run("echo", "--json", "a b")).isEqualTo(7);
        assertThat(out.toString()).isEqualTo("--json a b\n");
        assertThat(run("--help")).isZero();
        assertThat(out.toString())
                .containsPattern("echo +Repeat the arguments\\.")
                .doesNotContain("javac");
        assertThat(run("echo")).isEqualTo(1);
        assertThat(err.toString()).isEqualTo("softverbs echo: nothing to say\n");
    }

    private int run(String... args) {
        return Softverbs.run(new PrintWriter(out, true), new PrintWriter(err, true), args);
    }

    private static String capture(String name) {
        try {
            return Path.of(
                            Objects.requireNonNull(SoftverbsTest.class.getResource("/pcap/" + name))
                                    .toURI())
                    .toString();
        } catch (URISyntaxException e) {
            throw new IllegalStateException(e);
        }
    }
}
