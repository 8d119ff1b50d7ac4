package org.softverbs.soft.sanitize;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// Ranges of addresses that may overlap, each with a value. A tree for each power of two of the
/// length: what overlaps begins at most that far before.
///
/// Addresses and lengths are unsigned: those of the kernel are in the upper half. A range that
/// would go on behind the last address ends there.
final class RangeIndex<T> {

    /// A chain, for any number of ranges may begin at the same address.
    private static final class Node<T> {
        private final long last;
        private final T value;
        private @Nullable Node<T> next;

        private Node(long last, T value, @Nullable Node<T> next) {
            this.last = last;
            this.value = value;
            this.next = next;
        }
    }

    private static final long LAST_ADDRESS = -1;

    private final List<NavigableMap<Long, Node<T>>> trees = new ArrayList<>();

    RangeIndex() {
        for (int i = 0; i <= Long.SIZE; i++) {
            trees.add(new TreeMap<>(Long::compareUnsigned));
        }
    }

    /// Whether two ranges have a byte in common.
    static boolean overlaps(long first, long length, long other, long otherLength) {
        return length != 0
                && otherLength != 0
                && Long.compareUnsigned(other, last(first, length)) <= 0
                && Long.compareUnsigned(first, last(other, otherLength)) <= 0;
    }

    private static long last(long first, long length) {
        long last = first + length - 1;
        return Long.compareUnsigned(last, first) < 0 ? LAST_ADDRESS : last;
    }

    private NavigableMap<Long, Node<T>> tree(long length) {
        return trees.get(Long.SIZE - Long.numberOfLeadingZeros(length));
    }

    void add(long first, long length, T value) {
        NavigableMap<Long, Node<T>> tree = tree(length);
        tree.put(first, new Node<>(last(first, length), value, tree.get(first)));
    }

    void remove(long first, long length, T value) {
        NavigableMap<Long, Node<T>> tree = tree(length);
        Node<T> left = without(tree.get(first), last(first, length), value);
        if (left == null) {
            tree.remove(first);
        } else {
            tree.put(first, left);
        }
    }

    private static <T> @Nullable Node<T> without(@Nullable Node<T> from, long last, T value) {
        Node<T> before = null;
        for (Node<T> node = from; node != null; node = node.next) {
            if (node.last == last && node.value.equals(value)) {
                if (before == null) {
                    return node.next;
                }
                before.next = node.next;
                return from;
            }
            before = node;
        }
        return from;
    }

    /// The values of ranges that have a byte in common with a range.
    List<T> overlapping(long first, long length) {
        List<T> found = new ArrayList<>();
        if (length == 0) {
            return found;
        }
        long last = last(first, length);
        for (int bits = 1; bits <= Long.SIZE; bits++) {
            NavigableMap<Long, Node<T>> tree = trees.get(bits);
            if (!tree.isEmpty()) {
                collect(tree.subMap(earliest(first, bits), true, last, true), first, found);
            }
        }
        return found;
    }

    /// Where a range of so many bits of length can begin that goes on to an address.
    private static long earliest(long address, int bits) {
        long reach = -1L >>> (Long.SIZE - bits);
        return Long.compareUnsigned(address, reach) < 0 ? 0 : address - reach;
    }

    private static <T> void collect(Map<Long, Node<T>> candidates, long first, List<T> found) {
        for (Node<T> head : candidates.values()) {
            for (Node<T> node = head; node != null; node = node.next) {
                if (Long.compareUnsigned(node.last, first) >= 0) {
                    found.add(node.value);
                }
            }
        }
    }
}
