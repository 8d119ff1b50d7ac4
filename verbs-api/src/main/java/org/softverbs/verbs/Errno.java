package org.softverbs.verbs;

/// The error numbers that a verb can be refused with, named as in `errno.h`.
public enum Errno {
    EPERM(1),
    ENOENT(2),
    EIO(5),
    EAGAIN(11),
    ENOMEM(12),
    EFAULT(14),
    EBUSY(16),
    ENODEV(19),
    EINVAL(22),
    EMSGSIZE(90),
    EOPNOTSUPP(95),
    EADDRINUSE(98),
    EADDRNOTAVAIL(99),
    ENETUNREACH(101),
    ECONNABORTED(103),
    ECONNRESET(104),
    ETIMEDOUT(110),
    ECONNREFUSED(111),
    EHOSTUNREACH(113),
    EREMOTEIO(121);

    private final int number;

    Errno(int number) {
        this.number = number;
    }

    /// The Linux value, as `errno` or a verb's return value carries it.
    public int number() {
        return number;
    }
}
