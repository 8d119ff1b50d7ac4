package org.softverbs.ulp.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.foreign.MemorySegment;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class CapsuleTest {

    @Test
    void shouldLayOutARequestInNetworkOrder() {
        RequestCapsule request =
                new RequestCapsule(2, 0xbeef, 0x1020304, 5, 0x0102_0304_0506_0708L, 512, -2);
        byte[] bytes = new byte[RequestCapsule.LENGTH];
        request.write(MemorySegment.ofArray(bytes));
        assertThat(HexFormat.of().formatHex(bytes))
                .isEqualTo(
                        "0200beef01020304"
                                + "0000000000000005"
                                + "0102030405060708"
                                + "00000200fffffffe");
        assertThat(RequestCapsule.read(MemorySegment.ofArray(bytes))).isEqualTo(request);
    }

    @ParameterizedTest
    @EnumSource(StoreStatus.class)
    void shouldBringBackEveryStatus(StoreStatus status) {
        byte[] bytes = new byte[ResponseCapsule.LENGTH];
        new ResponseCapsule(0xffff, status).write(MemorySegment.ofArray(bytes));
        assertThat(ResponseCapsule.read(MemorySegment.ofArray(bytes)))
                .isEqualTo(new ResponseCapsule(0xffff, status));
    }

    @Test
    void shouldTakeAStatusThatNobodyKnowsForAnInternalError() {
        assertThat(StoreStatus.of(0x7f)).isEqualTo(StoreStatus.INTERNAL_ERROR);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 256, 513, 8192, -512})
    void shouldRefuseABlockSizeThatIsNone(int size) {
        assertThatThrownBy(() -> new StoreGeometry(size, 1))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("block size " + size);
    }
}
