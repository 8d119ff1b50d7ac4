package org.softverbs.soft.profile;

import static org.softverbs.soft.profile.Deviation.ADDRESS_HANDLES_UNTRACKED;
import static org.softverbs.soft.profile.Deviation.ARMED_WITHOUT_CHANNEL;
import static org.softverbs.soft.profile.Deviation.ATOMICS_CHECKED_FIRST;
import static org.softverbs.soft.profile.Deviation.ATOMICS_OF_ANY_LENGTH;
import static org.softverbs.soft.profile.Deviation.EARLY_MESSAGES_KEPT;
import static org.softverbs.soft.profile.Deviation.EARLY_RECEIVES_KEPT;
import static org.softverbs.soft.profile.Deviation.EARLY_SENDS_DROPPED;
import static org.softverbs.soft.profile.Deviation.EARLY_SENDS_KEPT;
import static org.softverbs.soft.profile.Deviation.FAILED_INVALIDATIONS_UNANSWERED;
import static org.softverbs.soft.profile.Deviation.FULL_COMPLETION_QUEUES_OVERWRITTEN;
import static org.softverbs.soft.profile.Deviation.IPV6_ABSENT;
import static org.softverbs.soft.profile.Deviation.LIMITS_MISREPORTED;
import static org.softverbs.soft.profile.Deviation.PROTECTION_DOMAINS_UNENFORCED;
import static org.softverbs.soft.profile.Deviation.QUEUE_PAIRS_ABOVE_LIMITS;
import static org.softverbs.soft.profile.Deviation.REFUSALS_TIME_OUT;
import static org.softverbs.soft.profile.Deviation.REREGISTRATION_ABSENT;
import static org.softverbs.soft.profile.Deviation.SENDS_IN_ERROR_LOST;
import static org.softverbs.soft.profile.Deviation.SEND_OVERFLOW_UNNOTICED;
import static org.softverbs.soft.profile.Deviation.SHARED_RECEIVE_OVERFLOW_UNNOTICED;
import static org.softverbs.soft.profile.Deviation.SHARED_RECEIVE_QUEUES_ABOVE_LIMITS;
import static org.softverbs.soft.profile.Deviation.TYPE_2_WINDOWS_ABSENT;
import static org.softverbs.soft.profile.Deviation.UNSIGNALED_BINDS_FAIL_SILENTLY;
import static org.softverbs.soft.profile.Deviation.WINDOW_ATOMICS_REFUSED;
import static org.softverbs.soft.profile.Deviation.WINDOW_RANGES_UNCHECKED;
import static org.softverbs.soft.profile.Deviation.ZERO_BASED_ABSENT;
import static org.softverbs.soft.profile.Deviation.ZERO_LENGTH_ACCESS_CHECKED;
import static org.softverbs.soft.profile.Deviation.ZERO_LENGTH_READS_FAIL;
import static org.softverbs.soft.profile.Deviation.ZERO_LENGTH_REGIONS_REFUSED;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// What a device does otherwise than ours does by itself, under a name.
///
/// @param name as [#parse] reads it
/// @param deviations in the order of [Deviation]
public record DeviceProfile(String name, Set<Deviation> deviations) {

    private static final DeviceProfile STANDARD = known("standard");
    private static final DeviceProfile MLX5 =
            known(
                    "mlx5",
                    ZERO_BASED_ABSENT,
                    QUEUE_PAIRS_ABOVE_LIMITS,
                    ARMED_WITHOUT_CHANNEL,
                    EARLY_SENDS_DROPPED,
                    EARLY_RECEIVES_KEPT,
                    SENDS_IN_ERROR_LOST,
                    ATOMICS_OF_ANY_LENGTH,
                    ATOMICS_CHECKED_FIRST,
                    UNSIGNALED_BINDS_FAIL_SILENTLY,
                    ZERO_LENGTH_ACCESS_CHECKED,
                    WINDOW_RANGES_UNCHECKED,
                    WINDOW_ATOMICS_REFUSED,
                    FAILED_INVALIDATIONS_UNANSWERED,
                    EARLY_MESSAGES_KEPT);
    private static final DeviceProfile MLX4 =
            known(
                    "mlx4",
                    TYPE_2_WINDOWS_ABSENT,
                    LIMITS_MISREPORTED,
                    ADDRESS_HANDLES_UNTRACKED,
                    ARMED_WITHOUT_CHANNEL,
                    EARLY_SENDS_DROPPED,
                    EARLY_RECEIVES_KEPT,
                    ZERO_LENGTH_READS_FAIL,
                    FAILED_INVALIDATIONS_UNANSWERED,
                    EARLY_MESSAGES_KEPT);
    private static final DeviceProfile IRDMA =
            known(
                    "irdma",
                    ZERO_LENGTH_REGIONS_REFUSED,
                    ZERO_BASED_ABSENT,
                    SHARED_RECEIVE_QUEUES_ABOVE_LIMITS,
                    ARMED_WITHOUT_CHANNEL,
                    SEND_OVERFLOW_UNNOTICED,
                    EARLY_SENDS_KEPT,
                    EARLY_RECEIVES_KEPT,
                    ATOMICS_OF_ANY_LENGTH,
                    ATOMICS_CHECKED_FIRST,
                    REFUSALS_TIME_OUT,
                    ZERO_LENGTH_ACCESS_CHECKED,
                    FULL_COMPLETION_QUEUES_OVERWRITTEN);
    private static final DeviceProfile RXE =
            known(
                    "rxe",
                    IPV6_ABSENT,
                    REREGISTRATION_ABSENT,
                    ARMED_WITHOUT_CHANNEL,
                    SEND_OVERFLOW_UNNOTICED,
                    SHARED_RECEIVE_OVERFLOW_UNNOTICED,
                    PROTECTION_DOMAINS_UNENFORCED,
                    FAILED_INVALIDATIONS_UNANSWERED);
    private static final List<DeviceProfile> KNOWN = List.of(STANDARD, MLX5, MLX4, IRDMA, RXE);

    public DeviceProfile {
        Set<Deviation> ordered = EnumSet.noneOf(Deviation.class);
        ordered.addAll(deviations);
        for (Deviation deviation : ordered) {
            deviation
                    .contrary()
                    .filter(ordered::contains)
                    .ifPresent(
                            contrary -> {
                                throw new IllegalArgumentException(
                                        deviation + " and " + contrary + " contradict each other");
                            });
        }
        deviations = Collections.unmodifiableSet(ordered);
    }

    private static DeviceProfile known(String name, Deviation... deviations) {
        return new DeviceProfile(name, Set.of(deviations));
    }

    /// That of a device that deviates in nothing.
    public static DeviceProfile standard() {
        return STANDARD;
    }

    /// Those that have a name: `standard`, `mlx5`, `mlx4`, `irdma`, `rxe`.
    public static List<DeviceProfile> known() {
        return KNOWN;
    }

    /// A profile of one's own choice.
    ///
    /// @throws IllegalArgumentException for two that contradict each other
    public static DeviceProfile of(Deviation... deviations) {
        return STANDARD.with(deviations);
    }

    /// This one with more deviations.
    ///
    /// @throws IllegalArgumentException for two that contradict each other
    public DeviceProfile with(Deviation... more) {
        Set<Deviation> all = EnumSet.noneOf(Deviation.class);
        all.addAll(deviations);
        all.addAll(Arrays.asList(more));
        if (all.size() == deviations.size()) {
            return this;
        }
        String added =
                all.stream()
                        .filter(it -> !deviations.contains(it))
                        .map(Deviation::name)
                        .collect(Collectors.joining(","));
        return new DeviceProfile(deviations.isEmpty() ? added : name + "," + added, all);
    }

    /// Reads the name of a profile, of deviations, or of one profile and deviations beside it:
    /// `mlx5`, `EARLY_SENDS_KEPT,IPV6_ABSENT`, `mlx5,IPV6_ABSENT`. Large and small letters are
    /// the same, `-` is `_`.
    ///
    /// @throws IllegalArgumentException naming what is none, and all that there are
    public static DeviceProfile parse(String text) {
        DeviceProfile profile = STANDARD;
        List<Deviation> deviations = new ArrayList<>();
        boolean first = true;
        for (String part : text.split(",", -1)) {
            String word = part.strip();
            DeviceProfile named = find(word);
            if (named == null) {
                deviations.add(deviation(word));
            } else if (first) {
                profile = named;
            } else {
                throw new IllegalArgumentException(
                        "profile '" + text + "': '" + word + "' is a profile, and goes first");
            }
            first = false;
        }
        return profile.with(deviations.toArray(Deviation[]::new));
    }

    private static @Nullable DeviceProfile find(String word) {
        for (DeviceProfile profile : KNOWN) {
            if (profile.name.equalsIgnoreCase(word)) {
                return profile;
            }
        }
        return null;
    }

    private static Deviation deviation(String word) {
        String name = word.toUpperCase(Locale.ROOT).replace('-', '_');
        for (Deviation deviation : Deviation.values()) {
            if (deviation.name().equals(name)) {
                return deviation;
            }
        }
        throw new IllegalArgumentException(
                "'"
                        + word
                        + "' is neither a profile, one of "
                        + KNOWN.stream().map(DeviceProfile::name).collect(Collectors.joining(", "))
                        + ", nor a deviation, one of "
                        + Arrays.stream(Deviation.values())
                                .map(Deviation::name)
                                .collect(Collectors.joining(", ")));
    }

    public boolean has(Deviation deviation) {
        return deviations.contains(deviation);
    }

    @Override
    public String toString() {
        return name;
    }
}
