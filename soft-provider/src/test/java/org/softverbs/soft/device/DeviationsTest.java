package org.softverbs.soft.device;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.function.Function;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.softverbs.junit.Provokes;
import org.softverbs.soft.profile.Deviation;
import org.softverbs.soft.profile.DeviceProfile;

/// Both sides of each deviation: what comes of the same calls without it, and with it alone.
@Provokes(stuck = true, because = "some requests are lost, and retries take virtual minutes")
class DeviationsTest {

    /// What comes of the same calls.
    ///
    /// @param ours without the deviation
    /// @param theirs with it
    /// @param calls what is done on devices of a profile, and what came of it
    private record Sides(String ours, String theirs, Function<DeviceProfile, String> calls) {}

    /// A deviation that has no test does not compile.
    private static Sides of(Deviation deviation) {
        return switch (deviation) {
            case EMPTY_ELEMENT_LISTS_REFUSED ->
                    new Sides(
                            "done done done done",
                            "EINVAL EINVAL done done",
                            VerbSides::emptyElementLists);
            case IPV6_ABSENT -> new Sides("1 done", "0 EINVAL", VerbSides::ipv6);
            case RELIABLE_CONNECTIONS_ABSENT ->
                    new Sides("done", "EOPNOTSUPP", VerbSides::reliableConnections);
            case DATAGRAMS_ABSENT -> new Sides("done", "EOPNOTSUPP", VerbSides::datagrams);
            case REREGISTRATION_ABSENT ->
                    new Sides("done", "EOPNOTSUPP", VerbSides::reregistration);
            case EXTENDED_COMPLETION_QUEUES_ABSENT ->
                    new Sides("done done", "done EOPNOTSUPP", VerbSides::completionQueues);
            case TYPE_1_WINDOWS_ABSENT ->
                    new Sides("done done", "EOPNOTSUPP done", VerbSides::windows);
            case TYPE_2_WINDOWS_ABSENT ->
                    new Sides("done done", "done EOPNOTSUPP", VerbSides::windows);
            case ZERO_LENGTH_REGIONS_REFUSED ->
                    new Sides("done", "EINVAL", VerbSides::zeroLengthRegion);
            case ZERO_BASED_ABSENT ->
                    new Sides("done done", "EOPNOTSUPP EOPNOTSUPP", VerbSides::zeroBased);
            case SHARED_MEMORY_REQUIRED ->
                    new Sides("done done", "EINVAL done", VerbSides::sharedMemory);
            case LIMITS_MISREPORTED ->
                    new Sides(
                            "4 and 4 are told, 4 and 4 made",
                            "2 and 8 are told, 4 and 4 made",
                            VerbSides::limits);
            case QUEUE_PAIRS_ABOVE_LIMITS ->
                    new Sides("EINVAL EINVAL", "done EINVAL", VerbSides::largeQueuePairs);
            case SHARED_RECEIVE_QUEUES_ABOVE_LIMITS ->
                    new Sides("EINVAL EINVAL", "done EINVAL", VerbSides::largeSharedQueues);
            case ADDRESS_HANDLES_UNTRACKED ->
                    new Sides("EBUSY closed", "done done", VerbSides::addressHandles);
            case ARMED_WITHOUT_CHANNEL ->
                    new Sides("EINVAL", "done", VerbSides::armingWithoutChannel);
            case SEND_OVERFLOW_UNNOTICED ->
                    new Sides("ENOMEM ENOMEM 256", "done done 256", VerbSides::sendOverflow);
            case SHARED_RECEIVE_OVERFLOW_UNNOTICED ->
                    new Sides("done ENOMEM", "done done", VerbSides::sharedReceiveOverflow);
            case EARLY_SENDS_DROPPED ->
                    new Sides("EINVAL EINVAL []", "done done []", VerbSides::earlySends);
            case EARLY_SENDS_KEPT ->
                    new Sides(
                            "EINVAL EINVAL []",
                            "done done [SUCCESS, SUCCESS]",
                            VerbSides::earlySends);
            case EARLY_RECEIVES_KEPT ->
                    new Sides("EINVAL []", "done [SUCCESS]", VerbSides::earlyReceive);
            case SENDS_IN_ERROR_LOST -> new Sides("[WR_FLUSH_ERR]", "[]", VerbSides::sendInError);
            case ATOMICS_OF_ANY_LENGTH ->
                    new Sides("[LOC_LEN_ERR]", "[SUCCESS]", TrafficSides::shortAtomic);
            case ATOMICS_CHECKED_FIRST ->
                    new Sides(
                            "[LOC_PROT_ERR], the peer has 5",
                            "[LOC_PROT_ERR], the peer has 0",
                            TrafficSides::atomicWithABadLocalKey);
            case ZERO_LENGTH_READS_FAIL ->
                    new Sides("[SUCCESS]", "[LOC_QP_OP_ERR]", TrafficSides::emptyRead);
            case UNSIGNALED_BINDS_FAIL_SILENTLY ->
                    new Sides("[MW_BIND_ERR] ERR", "[] ERR", TrafficSides::failingBind);
            case REFUSALS_TIME_OUT ->
                    new Sides(
                            "[REM_ACCESS_ERR] [RNR_RETRY_EXC_ERR]",
                            "[RETRY_EXC_ERR] [RETRY_EXC_ERR]",
                            TrafficSides::refusals);
            case ZERO_LENGTH_ACCESS_CHECKED ->
                    new Sides(
                            "[SUCCESS] [SUCCESS] [SUCCESS]",
                            "[REM_ACCESS_ERR] [REM_ACCESS_ERR] [SUCCESS]",
                            TrafficSides::emptyAccess);
            case PROTECTION_DOMAINS_UNENFORCED ->
                    new Sides("[REM_ACCESS_ERR]", "[SUCCESS]", TrafficSides::foreignDomain);
            case WINDOW_RANGES_UNCHECKED ->
                    new Sides(
                            "[MW_BIND_ERR]",
                            "[SUCCESS], inside [SUCCESS], beyond [REM_ACCESS_ERR]",
                            TrafficSides::windowBeyondItsRegion);
            case WINDOW_ATOMICS_REFUSED ->
                    new Sides("[SUCCESS]", "[REM_ACCESS_ERR]", TrafficSides::atomicByWindow);
            case FAILED_INVALIDATIONS_UNANSWERED ->
                    new Sides(
                            "[REM_INV_REQ_ERR], [LOC_PROT_ERR] ERR",
                            "[RETRY_EXC_ERR], [LOC_PROT_ERR] ERR",
                            TrafficSides::failedInvalidation);
            case RELAXED_WRITES_PLACED_LATE ->
                    new Sides(
                            "data 1, flag 1, then data 1",
                            "data 0, flag 1, then data 1",
                            TrafficSides::relaxedWrites);
            case FULL_COMPLETION_QUEUES_OVERWRITTEN ->
                    new Sides("ERR [1, 2]", "RTS [3, 4]", TrafficSides::fullCompletionQueue);
            case EARLY_MESSAGES_KEPT ->
                    new Sides("[] []", "[SUCCESS] [SUCCESS]", TrafficSides::earlyMessages);
        };
    }

    @ParameterizedTest
    @EnumSource
    void shouldDoAsOursWithoutADeviationAndOtherwiseWithIt(Deviation deviation) {
        Sides sides = of(deviation);
        assertThat(sides.calls().apply(DeviceProfile.standard())).isEqualTo(sides.ours());
        assertThat(sides.calls().apply(DeviceProfile.of(deviation))).isEqualTo(sides.theirs());
        assertThat(sides.theirs()).isNotEqualTo(sides.ours());
    }
}
