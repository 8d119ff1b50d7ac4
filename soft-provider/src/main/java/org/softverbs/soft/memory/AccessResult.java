package org.softverbs.soft.memory;

/// Whether an access was granted, and if not, why.
public enum AccessResult {
    GRANTED("granted"),
    UNKNOWN_KEY("no memory has this key"),
    WRONG_DOMAIN("the memory belongs to another protection domain"),
    MISSING_RIGHT("the memory was registered without this right"),
    OUT_OF_BOUNDS("the range is not inside the memory"),
    MEMORY_GONE("the memory's arena was closed"),
    NOT_MAPPED("nothing is mapped there for the device"),
    NO_DEVICE_READ("the memory is mapped for the device to write only"),
    NO_DEVICE_WRITE("the memory is mapped for the device to read only"),
    NO_MEMORY("there is no memory at the address"),
    UNREACHABLE("the address is beyond the device's reach"),
    PRIVATE_MEMORY("the memory is private, which the device cannot reach"),
    NOT_INVALIDATABLE("the key is of a registration that only its owner ends");

    private final String reason;

    AccessResult(String reason) {
        this.reason = reason;
    }

    public String reason() {
        return reason;
    }
}
