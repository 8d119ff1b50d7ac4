package org.softverbs.soft.memory;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.softverbs.soft.host.RandomSource;
import org.softverbs.soft.packet.RunList;

/// The one place where a key, a range and a right meet memory: M1, M2, M3, K1 and K2.
class RegisteredMemoryTest {

    private static final int DOMAIN = 3;
    private static final int KEY = 0x1234_5678;
    private static final int RIGHTS = 16;

    private final RunList runs = new RunList();

    private static Accessor asking(int domain) {
        return new Accessor(domain, 1, false);
    }

    /// M1: a region of 64 bytes; addresses from 8 below to 8 above, lengths to 80, all rights, two
    /// domains, all accesses: granted exactly when all is inside, and then exactly those bytes.
    @Test
    void shouldGrantExactlyTheBytesInside() {
        MemorySegment whole = Arena.ofAuto().allocate(256, 64);
        MemorySegment bytes = whole.asSlice(96, 64);
        int cases = 0;
        for (long base : new long[] {0, 0x1000, 1L << 63, -64, Long.MAX_VALUE - 10}) {
            for (int rights = 0; rights < RIGHTS; rights++) {
                RegisteredMemory memory = new RegisteredMemory(KEY, DOMAIN, base, bytes, rights);
                for (int from = -8; from <= 72; from++) {
                    for (int length = 1; length <= 80; length++) {
                        cases += check(memory, from, length);
                    }
                }
            }
        }
        assertThat(cases).isEqualTo(5 * RIGHTS * 81 * 80 * 2 * AccessRight.values().length);
    }

    private int check(RegisteredMemory memory, int from, int length) {
        int cases = 0;
        boolean inside = from >= 0 && from + length <= 64;
        for (AccessRight right : AccessRight.values()) {
            boolean allowed = (memory.accessBits() & right.accessBit()) == right.accessBit();
            for (int domain = DOMAIN; domain <= DOMAIN + 1; domain++) {
                runs.clear();
                AccessResult result =
                        memory.resolve(
                                asking(domain), memory.address() + from, length, right, runs);
                boolean granted = inside && allowed && domain == DOMAIN;
                if ((result == AccessResult.GRANTED) != granted
                        || runs.total() != (granted ? length : 0)) {
                    throw new AssertionError(
                            result + " for " + right + " at " + from + " of " + length);
                }
                if (granted && (runs.count() != 1 || runs.offset(0) != from)) {
                    throw new AssertionError("wrong bytes at " + from);
                }
                cases++;
            }
        }
        return cases;
    }

    /// M2: near 2^63 and 2^64 nothing wraps. Judged by numbers without a size.
    @Test
    void shouldNotBeFooledByNumbersThatWrap() {
        List<Long> points = new ArrayList<>();
        for (long near : new long[] {0, 1L << 31, 1L << 32, Long.MIN_VALUE, 1L << 62}) {
            for (int distance = -70; distance <= 70; distance += 7) {
                points.add(near + distance);
            }
        }
        long[] lengths = {1, 7, 63, 64, 65, 1L << 31, (1L << 32) - 1, 1L << 32};
        MemorySegment bytes = Arena.ofAuto().allocate(64);
        for (long base : points) {
            if (Long.compareUnsigned(base, base + 63) > 0) {
                continue; // cannot be registered
            }
            RegisteredMemory memory = new RegisteredMemory(KEY, DOMAIN, base, bytes, 0);
            for (long address : points) {
                for (long length : lengths) {
                    runs.clear();
                    AccessResult result =
                            memory.resolve(
                                    asking(DOMAIN), address, length, AccessRight.LOCAL_READ, runs);
                    if ((result == AccessResult.GRANTED) != isInside(base, address, length)) {
                        throw new AssertionError(
                                result + ": " + address + " + " + length + " in " + base);
                    }
                }
            }
        }
    }

    private static boolean isInside(long base, long address, long length) {
        BigInteger start = unsigned(address).subtract(unsigned(base));
        return start.signum() >= 0
                && start.add(BigInteger.valueOf(length)).compareTo(BigInteger.valueOf(64)) <= 0;
    }

    private static BigInteger unsigned(long value) {
        return new BigInteger(Long.toUnsignedString(value));
    }

    @Test
    void shouldRefuseWhatIsInNoTableOrOfAnotherDomain() {
        KeyTable table = new KeyTable(RandomSource.seeded(new SplittableRandom(4)));
        MemorySegment bytes = Arena.ofAuto().allocate(64);
        table.add(new RegisteredMemory(KEY, DOMAIN, 0, bytes, 15));
        assertThat(table.resolve(asking(DOMAIN), KEY, 0, 64, AccessRight.REMOTE_WRITE, runs))
                .isEqualTo(AccessResult.GRANTED);
        for (int bit = 0; bit < Integer.SIZE; bit++) {
            assertThat(
                            table.resolve(
                                    asking(DOMAIN),
                                    KEY ^ 1 << bit,
                                    0,
                                    1,
                                    AccessRight.LOCAL_READ,
                                    runs))
                    .isEqualTo(AccessResult.UNKNOWN_KEY);
        }
        assertThat(table.resolve(asking(DOMAIN + 1), KEY, 0, 1, AccessRight.LOCAL_READ, runs))
                .isEqualTo(AccessResult.WRONG_DOMAIN);
        assertThat(table.invalidate(asking(DOMAIN), KEY)).isEqualTo(AccessResult.NOT_INVALIDATABLE);
        assertThat(table.invalidate(asking(DOMAIN + 1), KEY)).isEqualTo(AccessResult.WRONG_DOMAIN);
        assertThat(table.invalidate(asking(DOMAIN), 5)).isEqualTo(AccessResult.UNKNOWN_KEY);
        table.remove(KEY);
        assertThat(table.resolve(asking(DOMAIN), KEY, 0, 1, AccessRight.LOCAL_READ, runs))
                .isEqualTo(AccessResult.UNKNOWN_KEY);
        assertThat(runs.count()).isEqualTo(1);
    }

    /// K2: a source that repeats itself does not bring a given up key back.
    @Test
    void shouldNotReuseAKeyBeforeManyOthersWereGivenUp() {
        int[] draws = {0};
        KeyTable table =
                new KeyTable(bits -> bits == 24 ? draws[0]++ % (KeyTable.QUARANTINE + 20) : 0);
        MemorySegment bytes = Arena.ofAuto().allocate(8);
        Set<Integer> seen = new HashSet<>();
        for (int i = 0; i < KeyTable.QUARANTINE; i++) {
            int key = table.freshKey();
            assertThat(key).isNotZero();
            assertThat(seen.add(key)).isTrue();
            table.add(new RegisteredMemory(key, DOMAIN, 0, bytes, 0));
            table.remove(key);
        }
    }

    /// K1: neighbours have nothing in common.
    @Test
    void shouldDrawKeysThatLookRandom() {
        KeyTable table = new KeyTable(RandomSource.secure());
        int count = 100_000;
        int[] ones = new int[Integer.SIZE];
        int previous = table.freshKey();
        for (int i = 0; i < count; i++) {
            int key = table.freshKey();
            int changed = key ^ previous;
            for (int bit = 0; bit < Integer.SIZE; bit++) {
                ones[bit] += changed >>> bit & 1;
            }
            previous = key;
        }
        for (int one : ones) {
            assertThat(one).isBetween(count / 2 - 1500, count / 2 + 1500);
        }
    }
}
