package org.softverbs.soft.collection;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// A map from `int` to objects: an open hash table with linear probing. Look-ups allocate nothing.
///
/// @param <V> what the numbers stand for
public final class IntMap<V> {

    private static final int MINIMUM_SLOTS = 64;

    private int[] keys = new int[MINIMUM_SLOTS];
    private @Nullable Object[] values = new @Nullable Object[MINIMUM_SLOTS];
    private int size;

    public int size() {
        return size;
    }

    /// The value of a key, or null.
    @SuppressWarnings("unchecked")
    public @Nullable V get(int key) {
        return (V) values[slotOf(key)];
    }

    /// Adds or replaces.
    public void put(int key, V value) {
        if (2 * (size + 1) > values.length) {
            grow();
        }
        int at = slotOf(key);
        if (values[at] == null) {
            size++;
        }
        keys[at] = key;
        values[at] = value;
    }

    public void remove(int key) {
        int at = slotOf(key);
        if (values[at] == null) {
            return;
        }
        values[at] = null;
        size--;
        closeGap(at);
    }

    @SuppressWarnings("unchecked")
    public List<V> values() {
        List<V> list = new ArrayList<>(size);
        for (Object value : values) {
            if (value != null) {
                list.add((V) value);
            }
        }
        return list;
    }

    private int slotOf(int key) {
        int mask = values.length - 1;
        int at = hash(key) & mask;
        while (values[at] != null && keys[at] != key) {
            at = (at + 1) & mask;
        }
        return at;
    }

    /// Moves entries behind a freed slot forward, so that no search ends early.
    private void closeGap(int freed) {
        int mask = values.length - 1;
        int at = (freed + 1) & mask;
        while (values[at] != null) {
            Object value = values[at];
            values[at] = null;
            int to = slotOf(keys[at]);
            keys[to] = keys[at];
            values[to] = value;
            at = (at + 1) & mask;
        }
    }

    private void grow() {
        int[] oldKeys = keys;
        @Nullable Object[] oldValues = values;
        keys = new int[oldKeys.length * 2];
        values = new @Nullable Object[oldValues.length * 2];
        for (int i = 0; i < oldValues.length; i++) {
            if (oldValues[i] != null) {
                int to = slotOf(oldKeys[i]);
                keys[to] = oldKeys[i];
                values[to] = oldValues[i];
            }
        }
    }

    private static int hash(int key) {
        int mixed = key * 0x9E37_79B9;
        return mixed ^ (mixed >>> 16);
    }
}
