package org.softverbs.ulp.perf;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.InetAddress;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.softverbs.ulp.tool.ToolException;
import org.softverbs.verbs.GlobalIdentifier;

/// Against records of the stock tools, from captures of `ib_write_bw` and `ib_atomic_lat`.
class KeyRecordTest {

    private static final String WRITE_CLIENT =
            "0000:0001:00001a:71e6bf:0000083e:000055a270a70000"
                    + ":00:00:00:00:00:00:00:00:00:00:ff:ff:0a:4e:00:02:00000000:";

    private static final String ATOMIC_SERVER =
            "0000:0080:000029:66f715:00001796:0000562968910000"
                    + ":00:00:00:00:00:00:00:00:00:00:ff:ff:0a:4e:00:03:00000000:";

    @ParameterizedTest
    @ValueSource(strings = {WRITE_CLIENT, ATOMIC_SERVER})
    void shouldWriteWhatItReads(String golden) {
        assertThat(golden.length() + 1).isEqualTo(KeyRecord.LENGTH);
        KeyRecord record = KeyRecord.parse(golden, "peer");
        assertThat(record.isOurs()).isFalse();
        assertThat(record.toWireString()).isEqualTo(golden);
    }

    @Test
    void shouldReadEveryField() {
        KeyRecord record = KeyRecord.parse(ATOMIC_SERVER, "peer");
        assertThat(record.outstandingReads()).isEqualTo(128);
        assertThat(record.queuePairNumber()).isEqualTo(0x29);
        assertThat(record.packetSequenceNumber()).isEqualTo(0x66f715);
        assertThat(record.remoteKey()).isEqualTo(0x1796);
        assertThat(record.address()).isEqualTo(0x5629_6891_0000L);
        assertThat(record.gid()).isEqualTo(GlobalIdentifier.of(InetAddress.ofLiteral("10.78.0.3")));
    }

    @Test
    void shouldKnowItsOwnKind() {
        GlobalIdentifier gid = GlobalIdentifier.of(InetAddress.ofLiteral("127.0.0.1"));
        KeyRecord own = new KeyRecord(1, 7, 0x12_3450 | KeyRecord.MARK, -1, -2, gid, true);
        assertThat(own.toWireString().length() + 1).isEqualTo(KeyRecord.LENGTH);
        assertThat(KeyRecord.parse(own.toWireString(), "peer")).isEqualTo(own);
    }

    @Test
    void shouldRefuseWhatIsNoRecord() {
        assertThatThrownBy(() -> KeyRecord.parse("GET / HTTP/1.1\r\n", "peer"))
                .isInstanceOf(ToolException.class)
                .hasMessage("peer sent no perftest key record but 'GET / HTTP/1.1??'");
    }
}
