package org.softverbs.ulp.store;

import java.util.Arrays;
import java.util.Optional;
import org.softverbs.dma.DmaDirection;

/// What a client asks for, with the opcodes of the NVM command set.
public enum StoreCommand {
    /// All writes that were answered before stay. Blocks of this store are memory: nothing to do.
    FLUSH(0x00),
    /// From the client's memory to blocks.
    WRITE(0x01),
    /// From blocks to the client's memory.
    READ(0x02);

    private final int opcode;

    StoreCommand(int opcode) {
        this.opcode = opcode;
    }

    int opcode() {
        return opcode;
    }

    /// The command that an opcode names.
    static Optional<StoreCommand> of(int opcode) {
        return Arrays.stream(values()).filter(it -> it.opcode == opcode).findFirst();
    }

    /// Which way the target's device moves the blocks: a WRITE of blocks is an RDMA READ.
    DmaDirection direction() {
        return this == READ ? DmaDirection.TO_DEVICE : DmaDirection.FROM_DEVICE;
    }
}
