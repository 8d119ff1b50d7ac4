package org.softverbs.soft.memory;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.softverbs.soft.packet.RunList;
import org.softverbs.verbs.SignatureAttributes;
import org.softverbs.verbs.SignatureDomain;
import org.softverbs.verbs.SignatureError;

/// Data as it is on the wire: blocks in memory, each with its tuple of protection information
/// behind it where the wire has them.
///
/// A tuple that leaves is made, and that of the memory checked, when its bytes are asked for.
/// Tuples that arrive wait in a place of their own until [#checkArrived()].
///
/// Used by the device's owner; the last by the ULP, when no request is under way.
public final class SignatureMapping implements RegionMapping {

    private static final ValueLayout.OfShort SHORT =
            ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);
    private static final ValueLayout.OfInt INT =
            ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);
    private static final int APPLICATION_TAG = 2;
    private static final int REFERENCE_TAG = 4;

    private final AddressedMemory data;
    private final AddressedMemory tuples;
    private final Optional<SignatureDomain> memory;
    private final Optional<SignatureDomain> wire;
    private final int blockSize;
    private final long blocks;
    private final MemorySegment wireTuples;
    private final MemorySegment block;
    private final MemorySegment tuple;
    private final RunList found = new RunList();
    private volatile @Nullable SignatureError error;

    /// @param data blocks, side by side
    /// @param blocks how many
    /// @param tuples 8 bytes for each block, when memory has protection information
    public SignatureMapping(
            AddressedMemory data,
            long blocks,
            AddressedMemory tuples,
            SignatureAttributes attributes) {
        this.data = data;
        this.blocks = blocks;
        this.tuples = tuples;
        this.memory = attributes.memory();
        this.wire = attributes.wire();
        this.blockSize = attributes.blockSize();
        Arena arena = Arena.ofAuto();
        this.wireTuples = arena.allocate(blocks * SignatureDomain.TUPLE);
        this.block = arena.allocate(blockSize);
        this.tuple = arena.allocate(SignatureDomain.TUPLE);
    }

    @Override
    public long address() {
        return 0;
    }

    @Override
    public long length() {
        return blocks * wireBlock();
    }

    private int wireBlock() {
        return blockSize + (wire.isPresent() ? SignatureDomain.TUPLE : 0);
    }

    @Override
    public AccessResult resolve(
            AddressedMemory unused, long offset, long size, boolean write, RunList runs) {
        int before = runs.count();
        long at = offset;
        long rest = size;
        while (rest > 0) {
            long index = at / wireBlock();
            long within = at % wireBlock();
            boolean isData = within < blockSize;
            long part = Math.min(rest, (isData ? blockSize : wireBlock()) - within);
            AccessResult result =
                    isData
                            ? data.resolve(index * blockSize + within, part, write, runs)
                            : AccessResult.GRANTED;
            if (result == AccessResult.GRANTED && !write) {
                result = leave(index, isData && within + part < blockSize);
            }
            if (result != AccessResult.GRANTED) {
                runs.truncate(before);
                return result;
            }
            if (!isData) {
                long first = index * SignatureDomain.TUPLE + within - blockSize;
                runs.add(wireTuples, first, part);
            }
            at += part;
            rest -= part;
        }
        return AccessResult.GRANTED;
    }

    /// Makes the tuple of a block that leaves, when its end is reached.
    private AccessResult leave(long index, boolean endsEarly) {
        if (endsEarly) {
            return AccessResult.GRANTED;
        }
        AccessResult result = read(data, index * blockSize, false, block);
        if (result != AccessResult.GRANTED) {
            return result;
        }
        if (memory.isPresent()) {
            result = read(tuples, index * SignatureDomain.TUPLE, false, tuple);
            if (result != AccessResult.GRANTED) {
                return result;
            }
            check(memory.get(), index, tuple);
        }
        wire.ifPresent(domain -> fill(domain, index, wireTuple(index)));
        return AccessResult.GRANTED;
    }

    private MemorySegment wireTuple(long index) {
        return wireTuples.asSlice(index * SignatureDomain.TUPLE, SignatureDomain.TUPLE);
    }

    /// @param written whether the bytes are those that the device wrote: it saw them pass, and
    ///     needs no right to read them
    private AccessResult read(
            AddressedMemory from, long offset, boolean written, MemorySegment into) {
        found.clear();
        AccessResult result = from.resolve(offset, into.byteSize(), written, found);
        return result == AccessResult.GRANTED && !found.copyTo(into, 0)
                ? AccessResult.MEMORY_GONE
                : result;
    }

    private void fill(SignatureDomain domain, long index, MemorySegment into) {
        into.set(SHORT, 0, (short) T10Guard.of(domain.guard(), block));
        into.set(SHORT, APPLICATION_TAG, (short) domain.applicationTag());
        into.set(INT, REFERENCE_TAG, referenceTag(domain, index));
    }

    private static int referenceTag(SignatureDomain domain, long index) {
        return domain.referenceTag() + (domain.referenceCounts() ? (int) index : 0);
    }

    /// Compares a tuple with what it should be for the data in [#block].
    private void check(SignatureDomain domain, long index, MemorySegment actual) {
        long offset = index * blockSize;
        SignatureError known = error;
        if (known != null && known.offset() <= offset) {
            return;
        }
        compare(
                SignatureError.Field.GUARD,
                T10Guard.of(domain.guard(), block),
                actual.get(SHORT, 0) & 0xffff,
                offset);
        compare(
                SignatureError.Field.APPLICATION_TAG,
                domain.applicationTag(),
                actual.get(SHORT, APPLICATION_TAG) & 0xffff,
                offset);
        compare(
                SignatureError.Field.REFERENCE_TAG,
                Integer.toUnsignedLong(referenceTag(domain, index)),
                Integer.toUnsignedLong(actual.get(INT, REFERENCE_TAG)),
                offset);
    }

    private void compare(SignatureError.Field field, long expected, long actual, long offset) {
        SignatureError known = error;
        if (expected != actual && (known == null || known.offset() > offset)) {
            error = new SignatureError(field, expected, actual, offset);
        }
    }

    /// What was found wrong so far.
    public Optional<SignatureError> error() {
        return Optional.ofNullable(error);
    }

    /// Checks what arrived, and gives the memory its tuples.
    public AccessResult checkArrived() {
        for (long index = 0; index < blocks; index++) {
            AccessResult result = read(data, index * blockSize, true, block);
            if (result != AccessResult.GRANTED) {
                return result;
            }
            if (wire.isPresent()) {
                check(wire.get(), index, wireTuple(index));
            }
            if (memory.isPresent()) {
                fill(memory.get(), index, tuple);
                result = writeTuple(index);
                if (result != AccessResult.GRANTED) {
                    return result;
                }
            }
        }
        return AccessResult.GRANTED;
    }

    private AccessResult writeTuple(long index) {
        found.clear();
        AccessResult result =
                tuples.resolve(index * SignatureDomain.TUPLE, SignatureDomain.TUPLE, true, found);
        if (result != AccessResult.GRANTED) {
            return result;
        }
        RunList source = new RunList();
        source.add(tuple, 0, SignatureDomain.TUPLE);
        return source.copyTo(found) ? AccessResult.GRANTED : AccessResult.MEMORY_GONE;
    }
}
