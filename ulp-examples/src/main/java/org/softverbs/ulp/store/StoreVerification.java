package org.softverbs.ulp.store;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.softverbs.ulp.tool.ToolException;

/// Writes and reads random extents of a part of a store and compares them with a copy of its own.
/// Extents that overlap are never under way together.
///
/// Belongs to the thread that uses the client.
final class StoreVerification {

    private static final long PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(60);

    private record Extent(StoreCommand command, long block, int blocks) {
        boolean overlaps(Extent other) {
            return block < other.block + other.blocks && other.block < block + blocks;
        }
    }

    private static final Extent NONE = new Extent(StoreCommand.FLUSH, 0, 0);

    private final StoreClient client;
    private final long firstBlock;
    private final int partBlocks;
    private final int blockSize;
    private final int most;
    private final Random random;
    private final MemorySegment reference;
    private final Extent[] underWay;
    private int outstanding;
    private long commands;
    private long verifiedBytes;

    /// @param firstBlock of the part that nobody else writes
    /// @param partBlocks blocks of it
    StoreVerification(StoreClient client, long firstBlock, int partBlocks, long seed) {
        this.client = client;
        this.firstBlock = firstBlock;
        this.partBlocks = partBlocks;
        blockSize = client.geometry().blockSize();
        most = Math.min(client.maxTransfer() / blockSize, partBlocks);
        random = new Random(seed);
        byte[] bytes = new byte[Math.multiplyExact(partBlocks, blockSize)];
        random.nextBytes(bytes);
        reference = MemorySegment.ofArray(bytes);
        underWay = new Extent[client.depth()];
        Arrays.fill(underWay, NONE);
    }

    /// Commands that were carried out.
    long commands() {
        return commands;
    }

    /// Bytes that were read and compared.
    long verifiedBytes() {
        return verifiedBytes;
    }

    /// Writes the whole part, then random extents, and reads the whole part.
    ///
    /// @throws ToolException when a byte is wrong or a command fails
    void run(int operations) {
        sweep(StoreCommand.WRITE);
        for (int i = 0; i < operations; i++) {
            boolean writes = random.nextBoolean();
            Extent extent = anyExtent(writes ? StoreCommand.WRITE : StoreCommand.READ);
            if (writes) {
                change(extent);
            }
            start(extent);
        }
        drain();
        start(NONE);
        sweep(StoreCommand.READ);
    }

    private void sweep(StoreCommand command) {
        for (int block = 0; block < partBlocks; block += most) {
            start(new Extent(command, block, Math.min(most, partBlocks - block)));
        }
        drain();
    }

    /// An extent that touches none under way; waits when chance finds none. Small ones as likely as
    /// large ones.
    private Extent anyExtent(StoreCommand command) {
        while (true) {
            int bound = 1 << random.nextInt(Integer.SIZE - Integer.numberOfLeadingZeros(most));
            int blocks = 1 + random.nextInt(Math.min(bound, most));
            Extent extent = new Extent(command, random.nextInt(partBlocks - blocks + 1), blocks);
            if (Arrays.stream(underWay).noneMatch(extent::overlaps)) {
                return extent;
            }
            awaitOne();
        }
    }

    private void change(Extent extent) {
        byte[] bytes = new byte[extent.blocks * blockSize];
        random.nextBytes(bytes);
        part(extent).copyFrom(MemorySegment.ofArray(bytes));
    }

    private MemorySegment part(Extent extent) {
        return reference.asSlice(extent.block * blockSize, (long) extent.blocks * blockSize);
    }

    private void start(Extent extent) {
        int buffer = client.take();
        while (buffer < 0) {
            awaitOne();
            buffer = client.take();
        }
        MemorySegment data = client.bytes(buffer).asSlice(0, (long) extent.blocks * blockSize);
        if (extent.command == StoreCommand.WRITE) {
            data.copyFrom(part(extent));
        } else {
            data.fill((byte) ~reference.get(ValueLayout.JAVA_BYTE, extent.block * blockSize));
        }
        underWay[buffer] = extent;
        outstanding++;
        client.submit(buffer, extent.command, firstBlock + extent.block, extent.blocks);
    }

    private void drain() {
        while (outstanding > 0) {
            awaitOne();
        }
    }

    private void awaitOne() {
        long end = System.nanoTime() + PATIENCE_NANOS;
        int buffer = client.poll();
        while (buffer < 0) {
            if (System.nanoTime() > end) {
                throw new ToolException("the store answers no command" + client.account());
            }
            Thread.onSpinWait();
            buffer = client.poll();
        }
        finish(buffer, underWay[buffer]);
    }

    private void finish(int buffer, Extent extent) {
        StoreStatus status = client.status(buffer);
        if (status != StoreStatus.SUCCESS) {
            throw new ToolException(
                    extent.command
                            + " of "
                            + extent.blocks
                            + " blocks from "
                            + (firstBlock + extent.block)
                            + ": "
                            + status.description()
                            + client.account());
        }
        commands++;
        if (extent.command == StoreCommand.READ) {
            compare(buffer, extent);
        }
        underWay[buffer] = NONE;
        outstanding--;
        client.release(buffer);
    }

    private void compare(int buffer, Extent extent) {
        long length = (long) extent.blocks * blockSize;
        long bad = client.bytes(buffer).asSlice(0, length).mismatch(part(extent));
        if (bad >= 0) {
            throw new ToolException(
                    "a READ of "
                            + extent.blocks
                            + " blocks from "
                            + (firstBlock + extent.block)
                            + " has a wrong byte at "
                            + bad);
        }
        verifiedBytes += length;
    }
}
