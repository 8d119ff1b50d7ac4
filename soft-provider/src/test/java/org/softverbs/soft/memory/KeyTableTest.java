package org.softverbs.soft.memory;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.softverbs.soft.host.RandomSource;
import org.softverbs.soft.packet.RunList;
import org.softverbs.verbs.AccessFlag;
import org.softverbs.verbs.MemoryWindowType;

/// Keys that stand for something else than a user's registration.
class KeyTableTest {

    private static final int DOMAIN = 3;
    private static final Accessor KERNEL = new Accessor(DOMAIN, 17, true);
    private static final Accessor USER = new Accessor(DOMAIN, 18, false);
    private static final AddressedMemory NO_MEMORY =
            (address, length, write, runs) -> AccessResult.NOT_MAPPED;

    private final MemorySegment bytes = Arena.ofAuto().allocate(64);
    private final AddressedMemory flat =
            (address, length, write, runs) -> {
                runs.add(bytes, address, length);
                return AccessResult.GRANTED;
            };

    private static AccessResult resolve(KeyTable table, Accessor who, int key, AccessRight right) {
        return table.resolve(who, key, 0, 8, right, new RunList());
    }

    @Test
    void shouldOpenTheLocalDmaKeyForLocalAccessOfKernelCodeOnly() {
        KeyTable table = new KeyTable(RandomSource.seeded(new SplittableRandom(5)));
        int local = table.addLocalDmaKey(flat, true);
        assertThat(local).isNotZero();
        for (int key : new int[] {local, 0}) {
            for (AccessRight right : AccessRight.values()) {
                assertThat(resolve(table, KERNEL, key, right))
                        .isEqualTo(
                                right.isRemote() ? AccessResult.LOCAL_KEY : AccessResult.GRANTED);
                assertThat(resolve(table, USER, key, right))
                        .isEqualTo(
                                right.isRemote()
                                        ? AccessResult.LOCAL_KEY
                                        : AccessResult.NOT_PRIVILEGED);
            }
            assertThat(table.invalidate(KERNEL, key)).isEqualTo(AccessResult.LOCAL_KEY);
            assertThat(table.invalidateLocally(KERNEL, key)).isEqualTo(AccessResult.LOCAL_KEY);
            assertThat(table.register(KERNEL, key, 0)).isEqualTo(AccessResult.UNKNOWN_KEY);
            assertThat(table.bind(KERNEL, key, local, 0, 8, 0)).isEqualTo(AccessResult.UNKNOWN_KEY);
            assertThat(resolve(table, KERNEL, key, AccessRight.LOCAL_WRITE))
                    .isEqualTo(AccessResult.GRANTED);
        }
        assertThat(table.regions()).isZero();
    }

    @Test
    void shouldNotBindAWindowToTheLocalDmaKey() {
        KeyTable table = new KeyTable(RandomSource.seeded(new SplittableRandom(6)));
        int local = table.addLocalDmaKey(flat, true);
        for (MemoryWindowType type : MemoryWindowType.values()) {
            WindowMemory window = new WindowMemory(type, DOMAIN, table.freshKey());
            table.add(window);
            assertThat(table.bind(KERNEL, window.key(), local, 0, 8, AccessFlag.REMOTE_READ.bit()))
                    .isEqualTo(AccessResult.UNKNOWN_KEY);
            assertThat(resolve(table, KERNEL, window.key(), AccessRight.REMOTE_READ))
                    .isEqualTo(AccessResult.NOT_VALID);
        }
    }

    @Test
    void shouldKnowNoKeyOfZeroWhereItIsNotTheSame() {
        KeyTable table = new KeyTable(RandomSource.seeded(new SplittableRandom(7)));
        int local = table.addLocalDmaKey(flat, false);
        assertThat(resolve(table, KERNEL, local, AccessRight.LOCAL_READ))
                .isEqualTo(AccessResult.GRANTED);
        assertThat(resolve(table, KERNEL, 0, AccessRight.LOCAL_READ))
                .isEqualTo(AccessResult.UNKNOWN_KEY);
    }

    /// A source that draws each index again and again: none of those in use comes back, whatever
    /// the low 8 bits are.
    @Test
    void shouldHandOutNoKeyWithTheIndexOfAnother() {
        int[] draws = {0};
        KeyTable table = new KeyTable(bits -> bits == 24 ? draws[0]++ / 3 : draws[0] & 0xff);
        int local = table.addLocalDmaKey(NO_MEMORY, true);
        int previous = local >>> KeyTable.VARIANT_BITS;
        assertThat(previous).isEqualTo(1);
        for (int i = 0; i < 100; i++) {
            int key = table.freshKey();
            assertThat(key >>> KeyTable.VARIANT_BITS).isEqualTo(previous + 1);
            previous++;
            table.add(
                    i % 2 == 0
                            ? new FastMemory(DOMAIN, NO_MEMORY, key)
                            : new WindowMemory(MemoryWindowType.TYPE_2, DOMAIN, key));
        }
        assertThat(table.regions()).isEqualTo(50);
        assertThat(table.windows()).isEqualTo(50);
    }

    /// What replaces an entry with the same index is counted once.
    @Test
    void shouldCountWhatItHolds() {
        KeyTable table = new KeyTable(RandomSource.seeded(new SplittableRandom(8)));
        int key = table.freshKey();
        table.add(new RegisteredMemory(key, DOMAIN, 0, bytes, 0));
        table.add(new RegisteredMemory(key, DOMAIN + 1, 0, bytes, 0));
        assertThat(table.regions()).isEqualTo(1);
        table.remove(key);
        assertThat(table.regions()).isZero();
    }
}
