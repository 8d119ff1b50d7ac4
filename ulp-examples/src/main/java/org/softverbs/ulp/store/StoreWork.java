package org.softverbs.ulp.store;

/// What a work request of either end is for; kept in its identifier, beside its place.
enum StoreWork {
    /// A request's SEND, or its receive.
    REQUEST,
    /// An RDMA READ of the client's memory, whose response comes after it.
    TRANSFER,
    /// A response's SEND, the last of a transfer perhaps, or its receive.
    RESPONSE;

    private static final int SHIFT = 32;

    private static final StoreWork[] ALL = values();

    long id(int place) {
        return (long) ordinal() << SHIFT | place;
    }

    static StoreWork of(long id) {
        return ALL[(int) (id >>> SHIFT)];
    }

    static int place(long id) {
        return (int) id;
    }
}
