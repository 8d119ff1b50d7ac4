package org.softverbs.soft.host;

import java.security.SecureRandom;
import java.util.random.RandomGenerator;

/// Where identifiers that a peer must not guess come from.
public interface RandomSource {

    /// A number of `bits` random bits, 1 to 32, in the low end of the result.
    int nextBits(int bits);

    /// The cryptographic source that every real host uses.
    static RandomSource secure() {
        SecureRandom random = new SecureRandom();
        return bits -> random.nextInt() >>> (Integer.SIZE - bits);
    }

    /// A reproducible source, for simulated hosts and tests only.
    static RandomSource seeded(RandomGenerator generator) {
        return bits -> generator.nextInt() >>> (Integer.SIZE - bits);
    }
}
