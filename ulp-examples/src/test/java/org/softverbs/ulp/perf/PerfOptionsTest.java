package org.softverbs.ulp.perf;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// What the tool refuses, with which exit code and which line.
class PerfOptionsTest {

    private static final int VERSION_LENGTH = 16;

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    write-fast                | test 'write-fast' is none of send-bw
                    write-bw -s 0             | -s 0 is not within 1 and
                    write-bw -n 0             | -n 0 is not within 1 and
                    write-bw -q 0             | -q 0 is not within 1 and
                    write-bw -t 100000        | -t 100000 is not within 1 and
                    write-bw -p 70000         | -p 70000 is not within 1 and
                    write-bw -D -1            | -D -1 is not within 0 and
                    write-bw -m 1000          | path MTU 1000 is none of
                    write-bw -a -D 5          | -a and -D do not go together
                    write-bw -n 5 -D 5        | -n and -D do not go together
                    write-lat -q 2            | -q is for bandwidth tests
                    atomic-bw -s 4            | atomics have 8 bytes
                    atomic-lat -a             | atomics have 8 bytes
                    atomic-lat -A FETCH       | Invalid value for option '--atomic_type'
                    write-bw --rw             | --rw is for the client of write-bw and read-bw
                    send-bw --rw 127.0.0.1    | --rw is for the client of write-bw and read-bw
                    read-lat --rw 127.0.0.1   | --rw is for the client of write-bw and read-bw
                    write-bw -c UD            | -c UD: that service has no RDMA_Write
                    read-lat -c UC            | -c UC: that service has no RDMA_Read
                    write-bw -c UD -R         | -c UD: that service has no
                    send-bw -c UD -a          | -a has sizes that -c UD cannot send
                    write-bw --rw -c UC ::1   | --rw needs -c RC
                    write-bw --nonsense       | Unknown option: '--nonsense'
                    """)
    void shouldCallUsageErrorsByTheirName(String line, String message) {
        Console.Result result = Console.perf(line.split(" ", -1));
        assertThat(result.exitCode()).isEqualTo(2);
        assertThat(result.err()).startsWith("softverbs perf: ").contains(message);
        assertThat(result.out()).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({
        "SSH-2.0-OpenSSH_9, is no perftest: it sent 'SSH-2.0-OpenSSH_' for a version",
        "5.60, is perftest 5.60"
    })
    void shouldRefuseAServerThatIsNoPerftest(String greeting, String message) throws IOException {
        try (ServerSocket server = new ServerSocket(0, 1, InetAddress.ofLiteral("127.0.0.1"))) {
            CompletableFuture<Void> answer =
                    CompletableFuture.runAsync(() -> greet(server, greeting));
            Console.Result result =
                    Console.perf(
                            "write-bw",
                            "--device",
                            "rxe@127.2.1.1",
                            "-p",
                            Integer.toString(server.getLocalPort()),
                            "127.0.0.1");
            answer.join();
            assertThat(result.exitCode()).isEqualTo(1);
            assertThat(result.err().lines()).hasSize(1);
            assertThat(result.err()).contains(message);
        }
    }

    private static void greet(ServerSocket server, String greeting) {
        try (Socket client = server.accept()) {
            byte[] bytes = greeting.getBytes(StandardCharsets.US_ASCII);
            client.getOutputStream().write(Arrays.copyOf(bytes, VERSION_LENGTH));
            while (client.getInputStream().read() >= 0) {}
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
