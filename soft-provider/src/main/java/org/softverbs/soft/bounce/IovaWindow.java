package org.softverbs.soft.bounce;

/// Gives out addresses of one window, in pages of 4 KiB.
///
/// Used by one thread at a time.
public interface IovaWindow {

    /// There is no room.
    long NONE = -1;

    /// @param pages how many, at least 1
    /// @return the number of the first page, or [#NONE]
    long allocate(int pages);

    /// Takes pages back.
    ///
    /// @param first number of the first, as it was given out
    /// @param pages how many, as they were asked for
    void free(long first, int pages);
}
