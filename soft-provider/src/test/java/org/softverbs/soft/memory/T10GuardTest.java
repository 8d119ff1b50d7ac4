package org.softverbs.soft.memory;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.softverbs.verbs.SignatureGuard;

class T10GuardTest {

    @Test
    void shouldComputeTheCrcOfTheCatalogue() {
        byte[] digits = "123456789".getBytes(StandardCharsets.US_ASCII);
        assertThat(T10Guard.of(SignatureGuard.CRC, MemorySegment.ofArray(digits)))
                .isEqualTo(0xd0db);
    }

    @Test
    void shouldGiveZeroForZeros() {
        assertThat(T10Guard.of(SignatureGuard.CRC, MemorySegment.ofArray(new byte[512]))).isZero();
    }

    @Test
    void shouldComputeTheInternetChecksumOfTheExample() {
        // RFC 1071, section 3: the sum is ddf2.
        byte[] bytes = {0, 1, (byte) 0xf2, 3, (byte) 0xf4, (byte) 0xf5, (byte) 0xf6, (byte) 0xf7};
        assertThat(T10Guard.of(SignatureGuard.IP_CHECKSUM, MemorySegment.ofArray(bytes)))
                .isEqualTo(~0xddf2 & 0xffff);
    }
}
