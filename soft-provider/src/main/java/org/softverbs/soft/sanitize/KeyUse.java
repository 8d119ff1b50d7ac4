package org.softverbs.soft.sanitize;

/// How a key was used wrongly.
public enum KeyUse {
    LOCAL_KEY_UNPRIVILEGED("the local DMA key is used in a domain of user code"),
    LOCAL_KEY_BY_PEER("the local DMA key is used by a peer, or to be invalidated"),
    ALREADY_VALID("a region is registered that was not invalidated before"),
    NOT_VALID("a region or window is used that is not valid now"),
    STALE_KEY("the key was one of a region that has another now"),
    REGION_CLOSED("the key was one of a region that is closed"),
    WRONG_INDEX("a region or window is given the key of another"),
    KEY_CAME_BACK("the key was one of this region before, and a request of then is under way");

    private final String detail;

    KeyUse(String detail) {
        this.detail = detail;
    }

    String detail() {
        return detail;
    }

    boolean isLocalKey() {
        return this == LOCAL_KEY_UNPRIVILEGED || this == LOCAL_KEY_BY_PEER;
    }
}
