package org.softverbs.soft.roce;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.HashMap;
import java.util.Map;
import org.softverbs.soft.memory.AccessResult;
import org.softverbs.soft.memory.AccessRight;
import org.softverbs.soft.memory.Accessor;
import org.softverbs.soft.memory.MemoryAccess;
import org.softverbs.soft.packet.RunList;

/// Memory that is not what a [org.softverbs.soft.memory.KeyTable] gives.
final class MemoryAccessDoubles {

    private MemoryAccessDoubles() {}

    /// Stands for the script's own key table.
    static final MemoryAccess NONE = new Sparse(0);

    /// Every key opens the whole address space, every page of which is the same one.
    static final class Sparse implements MemoryAccess {

        private final MemorySegment page;

        Sparse(long pageSize) {
            page = Arena.ofAuto().allocate(Math.max(1, pageSize), 64);
        }

        @Override
        public AccessResult resolve(
                Accessor who, int key, long address, long length, AccessRight right, RunList runs) {
            // A check of a whole message is not about bytes that are touched.
            if (length <= page.byteSize()) {
                runs.add(page, 0, length);
            }
            return AccessResult.GRANTED;
        }

        @Override
        public AccessResult resolveAll(Accessor who, int key, AccessRight right, RunList runs) {
            return AccessResult.OUT_OF_BOUNDS;
        }

        @Override
        public AccessResult invalidate(Accessor who, int key) {
            return AccessResult.NOT_INVALIDATABLE;
        }

        @Override
        public AccessResult invalidateLocally(Accessor who, int key) {
            return AccessResult.NOT_INVALIDATABLE;
        }

        @Override
        public AccessResult bind(
                Accessor who, int key, int regionKey, long address, long length, int bits) {
            return AccessResult.UNKNOWN_KEY;
        }

        @Override
        public AccessResult register(Accessor who, int key, int bits) {
            return AccessResult.UNKNOWN_KEY;
        }
    }

    /// Every page lies elsewhere: addresses that follow each other never share a segment beyond a
    /// page's end, and the pages lie in no order.
    static final class Scattered implements MemoryAccess {

        private final int pageSize;
        private final Map<Long, MemorySegment> pages = new HashMap<>();

        Scattered(int pageSize) {
            this.pageSize = pageSize;
        }

        @Override
        public AccessResult resolve(
                Accessor who, int key, long address, long length, AccessRight right, RunList runs) {
            long at = address;
            long rest = length;
            while (rest > 0) {
                long offset = Math.floorMod(at, pageSize);
                long part = Math.min(rest, pageSize - offset);
                runs.add(page(at / pageSize), offset, part);
                at += part;
                rest -= part;
            }
            return AccessResult.GRANTED;
        }

        private MemorySegment page(long number) {
            // An odd place inside a larger block, so that nothing is aligned by luck.
            return pages.computeIfAbsent(
                    number, key -> Arena.ofAuto().allocate(pageSize + 64L, 8).asSlice(3, pageSize));
        }

        private RunList runs(long address, long length) {
            RunList runs = new RunList();
            resolve(EngineScript.ACCESSOR, 0, address, length, AccessRight.LOCAL_READ, runs);
            return runs;
        }

        void fill(long address, int length) {
            RunList runs = runs(address, length);
            for (int i = 0; i < length; i++) {
                runs.setByteAt(i, (byte) (i * 11 + (i >> 8)));
            }
        }

        void expect(long address, Scattered other, long otherAddress, int length) {
            RunList runs = runs(address, length);
            RunList expected = other.runs(otherAddress, length);
            for (int i = 0; i < length; i++) {
                assertThat(runs.byteAt(i)).as("byte %s", i).isEqualTo(expected.byteAt(i));
            }
        }

        long getLong(long address) {
            MemorySegment whole = Arena.ofAuto().allocate(Long.BYTES, Long.BYTES);
            runs(address, Long.BYTES).copyTo(whole, 0);
            return whole.get(ValueLayout.JAVA_LONG, 0);
        }

        void putLong(long address, long value) {
            MemorySegment whole = Arena.ofAuto().allocate(Long.BYTES, Long.BYTES);
            whole.set(ValueLayout.JAVA_LONG, 0, value);
            RunList from = new RunList();
            from.add(whole, 0, Long.BYTES);
            from.copyTo(runs(address, Long.BYTES));
        }

        @Override
        public AccessResult resolveAll(Accessor who, int key, AccessRight right, RunList runs) {
            return AccessResult.OUT_OF_BOUNDS;
        }

        @Override
        public AccessResult invalidate(Accessor who, int key) {
            return AccessResult.NOT_INVALIDATABLE;
        }

        @Override
        public AccessResult invalidateLocally(Accessor who, int key) {
            return AccessResult.NOT_INVALIDATABLE;
        }

        @Override
        public AccessResult bind(
                Accessor who, int key, int regionKey, long address, long length, int bits) {
            return AccessResult.UNKNOWN_KEY;
        }

        @Override
        public AccessResult register(Accessor who, int key, int bits) {
            return AccessResult.UNKNOWN_KEY;
        }
    }
}
