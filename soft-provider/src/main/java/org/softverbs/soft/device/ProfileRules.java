package org.softverbs.soft.device;

import java.lang.foreign.MemorySegment;
import java.util.Set;
import org.softverbs.soft.profile.Deviation;
import org.softverbs.soft.profile.DeviceProfile;
import org.softverbs.verbs.AccessFlag;
import org.softverbs.verbs.CompletionField;
import org.softverbs.verbs.CompletionQueueOptions;
import org.softverbs.verbs.Errno;
import org.softverbs.verbs.MemoryWindowType;
import org.softverbs.verbs.QueuePairState;
import org.softverbs.verbs.QueuePairType;
import org.softverbs.verbs.VerbsException;

/// What the verbs of a device refuse, or let pass, because of its profile. Any thread.
final class ProfileRules {

    /// How much more, or less, than the limits is said or granted where a device is not exact.
    private static final int FACTOR = 2;

    /// Numbers of objects count from 1.
    private static final int DOMAIN_OF_ALL = 0;

    private static final Children[] NO_PARENTS = {};

    private final DeviceProfile profile;
    private final boolean elementsNeeded;
    private final boolean sendOverflowUnnoticed;
    private final boolean sendsInErrorLost;
    private final boolean handlesUntracked;

    ProfileRules(DeviceProfile profile) {
        this.profile = profile;
        this.elementsNeeded = profile.has(Deviation.EMPTY_ELEMENT_LISTS_REFUSED);
        this.sendOverflowUnnoticed = profile.has(Deviation.SEND_OVERFLOW_UNNOTICED);
        this.sendsInErrorLost = profile.has(Deviation.SENDS_IN_ERROR_LOST);
        this.handlesUntracked = profile.has(Deviation.ADDRESS_HANDLES_UNTRACKED);
    }

    DeviceProfile profile() {
        return profile;
    }

    private VerbsException absent(String verb, String reason) {
        return new VerbsException(
                Errno.EOPNOTSUPP, verb, reason + " (profile " + profile.name() + ")");
    }

    private VerbsException refused(String verb, String reason) {
        return new VerbsException(Errno.EINVAL, verb, reason + " (profile " + profile.name() + ")");
    }

    /// The limits as the device tells them.
    DeviceLimits told(DeviceLimits limits) {
        return profile.has(Deviation.LIMITS_MISREPORTED)
                ? limits.with(limits.maxQueuePairs() / FACTOR, doubled(limits.maxMemoryWindows()))
                : limits;
    }

    private static int doubled(int limit) {
        return (int) Math.min(Integer.MAX_VALUE, (long) limit * FACTOR);
    }

    /// What a queue pair may have of what the device says is the most.
    int mostOfQueuePair(int limit) {
        return profile.has(Deviation.QUEUE_PAIRS_ABOVE_LIMITS) ? doubled(limit) : limit;
    }

    /// How many receives a shared queue may have.
    int mostReceives(DeviceLimits limits) {
        return profile.has(Deviation.SHARED_RECEIVE_QUEUES_ABOVE_LIMITS)
                ? doubled(limits.maxQueuePairRequests())
                : limits.maxQueuePairRequests();
    }

    /// @throws VerbsException `EOPNOTSUPP` for a type that the device does not have
    void requireQueuePairs(String verb, QueuePairType type) {
        boolean missing =
                (type == QueuePairType.RC && profile.has(Deviation.RELIABLE_CONNECTIONS_ABSENT))
                        || (type == QueuePairType.UD && profile.has(Deviation.DATAGRAMS_ABSENT));
        if (missing) {
            throw absent(verb, "the device has no queue pairs of type " + type);
        }
    }

    /// @throws VerbsException `EOPNOTSUPP` for a type that the device does not have
    void requireWindows(String verb, MemoryWindowType type) {
        boolean missing =
                switch (type) {
                    case TYPE_1 -> profile.has(Deviation.TYPE_1_WINDOWS_ABSENT);
                    case TYPE_2 -> profile.has(Deviation.TYPE_2_WINDOWS_ABSENT);
                };
        if (missing) {
            throw absent(verb, "the device has no windows of " + type);
        }
    }

    /// @throws VerbsException `EOPNOTSUPP` for zero-based access where there is none
    void requireAccess(String verb, Set<AccessFlag> access) {
        if (access.contains(AccessFlag.ZERO_BASED) && profile.has(Deviation.ZERO_BASED_ABSENT)) {
            throw absent(verb, "the device has no ZERO_BASED memory");
        }
    }

    /// @throws VerbsException `EINVAL` for memory that the device does not register
    void requireMemory(String verb, MemorySegment segment) {
        if (segment.byteSize() == 0 && profile.has(Deviation.ZERO_LENGTH_REGIONS_REFUSED)) {
            throw refused(verb, "the segment's length 0 is below the minimum 1");
        }
        if (!segment.isMapped() && profile.has(Deviation.SHARED_MEMORY_REQUIRED)) {
            throw refused(verb, "the segment is no mapped file");
        }
    }

    /// @throws VerbsException `EOPNOTSUPP` where regions stay as they are
    void requireReregistration(String verb) {
        if (profile.has(Deviation.REREGISTRATION_ABSENT)) {
            throw absent(verb, "the device registers nothing anew");
        }
    }

    /// @throws VerbsException `EOPNOTSUPP` where there are plain queues only
    void requireCompletionQueue(String verb, CompletionQueueOptions options) {
        boolean plain =
                options.fields().equals(CompletionField.standard()) && !options.singleThreaded();
        if (!plain && profile.has(Deviation.EXTENDED_COMPLETION_QUEUES_ABSENT)) {
            throw absent(verb, "the device has no extended completion queues");
        }
    }

    /// What keys and queue pairs of a domain compare.
    int memoryDomain(int number) {
        return profile.has(Deviation.PROTECTION_DOMAINS_UNENFORCED) ? DOMAIN_OF_ALL : number;
    }

    boolean armsWithoutChannel() {
        return profile.has(Deviation.ARMED_WITHOUT_CHANNEL);
    }

    /// Whether requests need elements.
    boolean needsElements() {
        return elementsNeeded;
    }

    /// Who is told of an address handle, to stay open as long as it is.
    Children[] parentsOfAddressHandle(SoftProtectionDomain domain) {
        return handlesUntracked ? NO_PARENTS : new Children[] {domain.children()};
    }

    boolean tracksAddressHandles() {
        return !handlesUntracked;
    }

    /// Whether a send request in a state is taken and lost.
    boolean losesSend(QueuePairState state) {
        return switch (state) {
            case RESET, INIT, RTR -> profile.has(Deviation.EARLY_SENDS_DROPPED);
            case ERR -> sendsInErrorLost;
            case RTS, SQD, SQE -> false;
        };
    }

    /// Whether send requests wait for RTS.
    boolean keepsEarlySends() {
        return profile.has(Deviation.EARLY_SENDS_KEPT);
    }

    /// Whether receives are taken in RESET.
    boolean keepsEarlyReceives() {
        return profile.has(Deviation.EARLY_RECEIVES_KEPT);
    }

    /// Whether a send request that finds no room is taken all the same.
    boolean losesSendOverflow() {
        return sendOverflowUnnoticed;
    }

    /// Whether a receive that finds no room in a shared queue is taken all the same.
    boolean losesSharedReceiveOverflow() {
        return profile.has(Deviation.SHARED_RECEIVE_OVERFLOW_UNNOTICED);
    }
}
