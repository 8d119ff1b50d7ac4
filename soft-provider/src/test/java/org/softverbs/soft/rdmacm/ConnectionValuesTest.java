package org.softverbs.soft.rdmacm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.softverbs.cm.CmEventType;
import org.softverbs.cm.ConnectionOptions;
import org.softverbs.cm.ConnectionParameters;
import org.softverbs.cm.PortSpace;
import org.softverbs.cm.PrivateData;
import org.softverbs.cm.RejectReason;

/// The numbers of C behind the values of the API, and their limits.
class ConnectionValuesTest {

    @Test
    void shouldNumberEventsAsC() {
        assertThat(CmEventType.CONNECT_REQUEST.ordinal()).isEqualTo(4);
        assertThat(CmEventType.ESTABLISHED.ordinal()).isEqualTo(9);
        assertThat(CmEventType.TIMEWAIT_EXIT.ordinal()).isEqualTo(15);
        assertThat(CmEventType.USER.ordinal()).isEqualTo(18);
    }

    @Test
    void shouldMakeServiceIdsOfPortSpaceAndPort() {
        assertThat(PortSpace.TCP.serviceId(18_515)).isEqualTo(0x0106_4853L);
        assertThat(PortSpace.UDP.serviceId(7_174)).isEqualTo(0x0111_1c06L);
        assertThat(PortSpace.IB.serviceId(1)).isEqualTo(0x013f_0001L);
        assertThat(PortSpace.portOf(0x0106_4853L)).isEqualTo(18_515);
    }

    @Test
    void shouldFindEveryReasonByItsCodeAndDescribeAnyOther() {
        for (RejectReason reason : RejectReason.values()) {
            assertThat(RejectReason.of(reason.code())).contains(reason);
        }
        for (int code : new int[] {-1, 0, 34, 36, 65_535}) {
            assertThat(RejectReason.of(code)).isEmpty();
            assertThat(RejectReason.describe(code)).isEqualTo("reason " + code);
        }
    }

    @Test
    void shouldKeepPrivateDataFromChanging() {
        byte[] bytes = {1, 2, 3};
        PrivateData data = PrivateData.of(bytes);
        bytes[0] = 9;
        data.toBytes()[1] = 9;
        assertThat(data).isEqualTo(PrivateData.of((byte) 1, (byte) 2, (byte) 3));
        assertThat(data).hasSameHashCodeAs(PrivateData.of((byte) 1, (byte) 2, (byte) 3));
        assertThat(data.from(1)).isEqualTo(PrivateData.of((byte) 2, (byte) 3));
        assertThat(data.from(3)).isEqualTo(PrivateData.EMPTY);
        assertThatThrownBy(() -> data.from(4)).isInstanceOf(IndexOutOfBoundsException.class);
    }

    @ParameterizedTest
    @ValueSource(ints = {-1, 8, 256})
    void shouldRefuseParametersOutOfRange(int value) {
        assertThatThrownBy(() -> ConnectionParameters.builder().retryCount(value).build())
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("retryCount " + value);
        assertThatThrownBy(() -> ConnectionParameters.builder().rnrRetryCount(value).build())
                .hasMessageContaining("rnrRetryCount");
    }

    @ParameterizedTest
    @ValueSource(ints = {-1, 32, 256})
    void shouldRefuseOptionsOutOfRange(int value) {
        assertThatThrownBy(() -> ConnectionOptions.builder().ackTimeout(value).build())
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("ackTimeout " + value);
        assertThatThrownBy(() -> ConnectionOptions.builder().responseTimeout(value).build())
                .hasMessageContaining("responseTimeout");
        assertThatThrownBy(() -> ConnectionOptions.builder().maxRetries(value).build())
                .hasMessageContaining("maxRetries");
    }
}
