package org.softverbs.soft.profile;

import java.util.Optional;

/// One thing that a device does otherwise than ours does by itself. Which adapters do it is in
/// [DeviceProfile].
///
/// Source: the introspection and the lists of known deviations of Google's rdma-unit-test at
/// 1f368ab (`public/introspection.h`, `internal/introspection_*.h`).
public enum Deviation {

    // What verbs refuse

    /// A send or receive request without elements is refused with `EINVAL`; else it is a message of
    /// no bytes. Known of none of the four.
    EMPTY_ELEMENT_LISTS_REFUSED,

    /// The GID table has IPv4-mapped GIDs only, and nothing can be sent from another; else it has
    /// the address of the port, whatever it is. Known of rxe, in the suite's list; the kernel's of
    /// today has them.
    IPV6_ABSENT,

    /// No queue pair is of type RC (`EOPNOTSUPP`); else all are. Known of none: the suite leaves
    /// rxe's out, which are there.
    RELIABLE_CONNECTIONS_ABSENT,

    /// No queue pair is of type UD (`EOPNOTSUPP`); else all are. Known of none of the four.
    DATAGRAMS_ABSENT,

    /// Regions cannot be registered anew (`EOPNOTSUPP`); else they can. Known of rxe, in the
    /// suite's list.
    REREGISTRATION_ABSENT,

    /// A completion queue with other fields than the standard ones, or for one thread, is refused
    /// with `EOPNOTSUPP`; else it is made (`ibv_create_cq_ex`). Known of none of the four.
    EXTENDED_COMPLETION_QUEUES_ABSENT,

    /// No window is of type 1 (`EOPNOTSUPP`). Known of none of the four.
    TYPE_1_WINDOWS_ABSENT,

    /// No window is of type 2 (`EOPNOTSUPP`). Known of mlx4, whose capabilities promise it.
    TYPE_2_WINDOWS_ABSENT,

    /// Memory of no bytes cannot be registered (`EINVAL`); else it can. Known of irdma.
    ZERO_LENGTH_REGIONS_REFUSED,

    /// Neither regions nor windows are zero-based (`EOPNOTSUPP`); else both may be. Known of mlx5
    /// and irdma.
    ZERO_BASED_ABSENT,

    /// Only memory that is a mapped file can be registered (`EINVAL`); else any. Known of none of
    /// the four: simulators and emulators across processes need it.
    SHARED_MEMORY_REQUIRED,

    // What verbs let pass

    /// The device says that it has half as many queue pairs and twice as many windows as can be
    /// made; else it says what is so. Known of mlx4.
    LIMITS_MISREPORTED,

    /// Queue pairs may have twice the requests and elements that the device says; else what is
    /// above is refused. Known of mlx5.
    QUEUE_PAIRS_ABOVE_LIMITS,

    /// Shared receive queues may have twice the receives that the device says; else what is above
    /// is refused. Known of irdma.
    SHARED_RECEIVE_QUEUES_ABOVE_LIMITS,

    /// Address handles live in the program alone: a domain is closed though it has some, and one
    /// that is closed can be sent to; else both are refused. Known of mlx4.
    ADDRESS_HANDLES_UNTRACKED,

    /// An event may be asked of a completion queue without a channel, and none comes; else that is
    /// refused with `EINVAL`. Known of mlx5, mlx4, irdma and rxe.
    ARMED_WITHOUT_CHANNEL,

    /// A send request beyond what the queue holds is taken and lost; else refused with `ENOMEM`.
    /// Known of irdma and rxe.
    SEND_OVERFLOW_UNNOTICED,

    /// A receive beyond what a shared queue holds is taken and lost; else refused with `ENOMEM`.
    /// Known of rxe.
    SHARED_RECEIVE_OVERFLOW_UNNOTICED,

    /// A send request that is posted in RESET, INIT or RTR is taken and lost; else refused with
    /// `EINVAL`, as the specification wants. Known of mlx5 and mlx4.
    EARLY_SENDS_DROPPED,

    /// A send request that is posted in RESET, INIT or RTR is taken and sent in RTS. Known of
    /// irdma.
    EARLY_SENDS_KEPT,

    /// A receive that is posted in RESET is taken and kept; else refused with `EINVAL`. Known of
    /// mlx5, mlx4 and irdma.
    EARLY_RECEIVES_KEPT,

    /// A send request that is posted in ERR is lost; else it completes with `WR_FLUSH_ERR`. What
    /// was posted before completes. Known of mlx5.
    SENDS_IN_ERROR_LOST,

    // Requesters

    /// The elements of an atomic may have any length, and the first eight bytes there are get the
    /// old value; else it fails with `LOC_LEN_ERR`. Known of mlx5 and irdma.
    ATOMICS_OF_ANY_LENGTH,

    /// Where the old value of an atomic goes is looked at before it is sent: a bad key leaves the
    /// peer's memory alone; else the answer finds that its place is none when that is changed
    /// already. Known of mlx5 and irdma: the suite counts it against mlx4 that it is as ours.
    ATOMICS_CHECKED_FIRST,

    /// A READ of no bytes fails with `LOC_QP_OP_ERR`; else it succeeds. Known of mlx4.
    ZERO_LENGTH_READS_FAIL,

    /// A bind that was not signaled and fails has no completion, though it ends the queue pair;
    /// else it has. Known of mlx5.
    UNSIGNALED_BINDS_FAIL_SILENTLY,

    /// A request that the peer refused by NAK remote access error, or had no receive for, ends with
    /// `RETRY_EXC_ERR`; else with `REM_ACCESS_ERR` and `RNR_RETRY_EXC_ERR`. Known of irdma.
    REFUSALS_TIME_OUT,

    // Responders and memory

    /// A READ or WRITE of no bytes needs a key, an address and a right; else nothing is looked at.
    /// Known of mlx5 and irdma; mlx4 and rxe are as ours.
    ZERO_LENGTH_ACCESS_CHECKED,

    /// Keys and address handles of one domain open the memory of another; else they do not. Known
    /// of rxe.
    PROTECTION_DOMAINS_UNENFORCED,

    /// A window may be bound beyond its region, and what is beyond is refused when it is accessed;
    /// else the bind fails. Known of mlx5.
    WINDOW_RANGES_UNCHECKED,

    /// Atomics through a window are refused whatever its rights are; else they are a right. Known
    /// of mlx5.
    WINDOW_ATOMICS_REFUSED,

    /// A SEND with invalidate of a key that cannot be invalidated ends the queue pair without an
    /// answer (class J of the specification), and its peer retries; else it is answered with a NAK.
    /// Known of mlx5, mlx4 and rxe.
    FAILED_INVALIDATIONS_UNANSWERED,

    /// The first packet of a WRITE into memory with `RELAXED_ORDERING` may be placed behind what
    /// came after it, up to 20 microseconds later; else all is placed as it comes. What a receive's
    /// completion or a READ tells of is there in any case. Of RC and XRC. Known of none in the
    /// suite; adapters behind PCI Express do so.
    RELAXED_WRITES_PLACED_LATE,

    /// A full completion queue loses its oldest completion and goes on; else it is dead, and its
    /// queue pairs with it. Known of irdma.
    FULL_COMPLETION_QUEUES_OVERWRITTEN,

    /// Packets for a queue pair in INIT are kept until it can receive; else they are dropped.
    /// Known of mlx5 and mlx4.
    EARLY_MESSAGES_KEPT;

    /// The deviation that cannot be had beside this one.
    Optional<Deviation> contrary() {
        return switch (this) {
            case EARLY_SENDS_DROPPED -> Optional.of(EARLY_SENDS_KEPT);
            case EARLY_SENDS_KEPT -> Optional.of(EARLY_SENDS_DROPPED);
            default -> Optional.empty();
        };
    }
}
