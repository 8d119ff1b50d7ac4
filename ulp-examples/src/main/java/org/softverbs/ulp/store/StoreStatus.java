package org.softverbs.ulp.store;

import java.util.Arrays;

/// How a command ended, with the generic status codes of NVMe.
public enum StoreStatus {
    SUCCESS(0x00, "successful completion"),
    INVALID_OPCODE(0x01, "invalid command opcode"),
    INVALID_FIELD(0x02, "invalid field in command"),
    INTERNAL_ERROR(0x06, "internal error"),
    /// Never sent: what a client makes of a command when its connection is lost.
    ABORTED(0x08, "command aborted: the connection is lost"),
    DATA_LENGTH_INVALID(0x0f, "data length does not fit the blocks"),
    OUT_OF_RANGE(0x80, "block address out of range");

    private final int code;
    private final String description;

    StoreStatus(int code, String description) {
        this.code = code;
        this.description = description;
    }

    int code() {
        return code;
    }

    /// What it means, in a few words.
    public String description() {
        return description;
    }

    /// The status of a code; one that nobody knows is an internal error of the target.
    static StoreStatus of(int code) {
        return Arrays.stream(values())
                .filter(it -> it.code == code)
                .findFirst()
                .orElse(INTERNAL_ERROR);
    }
}
