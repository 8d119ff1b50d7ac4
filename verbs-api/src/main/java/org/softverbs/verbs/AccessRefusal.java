package org.softverbs.verbs;

/// Why memory was refused.
public enum AccessRefusal {
    UNKNOWN_KEY("no memory has this key"),
    WRONG_DOMAIN("the memory belongs to another protection domain"),
    MISSING_RIGHT("the memory was registered without this right"),
    OUT_OF_BOUNDS("the range is not inside the memory"),
    MEMORY_GONE("the memory's arena was closed"),
    NOT_INVALIDATABLE("the key is of a registration that only its owner ends"),
    NOT_VALID("the key is of a window that is not bound, or a region that is not registered"),
    ALREADY_VALID("the region is registered already"),
    NOTHING_MAPPED("nothing was mapped into the region"),
    STILL_BOUND("a window of type 2 must be invalidated before it is bound again"),
    EMPTY_WINDOW("a window of type 2 cannot be bound to nothing"),
    ZERO_BASED("a zero-based region, or a zero-based window of type 1, cannot be bound"),
    WRONG_QUEUE_PAIR("the window was bound on another queue pair"),
    LOCAL_KEY("the local DMA key is for local access only and lasts for ever"),
    NOT_PRIVILEGED("the local DMA key is for privileged domains"),
    NOT_MAPPED("nothing is mapped there for the device"),
    NO_DEVICE_READ("the memory is mapped for the device to write only"),
    NO_DEVICE_WRITE("the memory is mapped for the device to read only"),
    NO_MEMORY("there is no memory at the address"),
    UNREACHABLE("the address is beyond the device's reach"),
    PRIVATE_MEMORY("the memory is private, which the device cannot reach");

    private final String reason;

    AccessRefusal(String reason) {
        this.reason = reason;
    }

    /// The reason as a sentence.
    public String reason() {
        return reason;
    }
}
