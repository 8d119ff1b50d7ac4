package org.softverbs.soft.iommu;

import java.util.function.IntSupplier;

/// The CPUs of a host, as far as caches and queues are kept for each of them.
///
/// @param count how many there are, at least 1
/// @param number tells which of them the caller is on: 0 to count - 1
public record Cpus(int count, IntSupplier number) {

    /// @throws IllegalArgumentException without a CPU
    public Cpus {
        if (count < 1) {
            throw new IllegalArgumentException(count + " CPUs");
        }
    }

    /// A host with one CPU.
    public static Cpus one() {
        return new Cpus(1, () -> 0);
    }

    /// The one that the caller is on.
    ///
    /// @throws IllegalStateException when there is no such CPU
    public int current() {
        int cpu = number.getAsInt();
        if (cpu < 0 || cpu >= count) {
            throw new IllegalStateException("CPU " + cpu + " of " + count);
        }
        return cpu;
    }
}
