package org.softverbs.soft.profile;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Profiles by their names.
class DeviceProfileTest {

    @Test
    void shouldDeviateInNothingByItself() {
        assertThat(DeviceProfile.standard().deviations()).isEmpty();
        assertThat(DeviceProfile.parse("standard")).isEqualTo(DeviceProfile.standard());
    }

    @Test
    void shouldFindEachProfileByItsName() {
        assertThat(DeviceProfile.known())
                .extracting(DeviceProfile::name)
                .containsExactly("standard", "mlx5", "mlx4", "irdma", "rxe");
        for (DeviceProfile profile : DeviceProfile.known()) {
            assertThat(DeviceProfile.parse(profile.name())).isSameAs(profile);
        }
        assertThat(DeviceProfile.parse(" MLX5 ")).isSameAs(DeviceProfile.known().get(1));
    }

    @Test
    void shouldReadDeviationsAlone() {
        DeviceProfile profile = DeviceProfile.parse("EARLY_SENDS_KEPT, ipv6-absent");
        assertThat(profile.deviations())
                .containsExactly(Deviation.IPV6_ABSENT, Deviation.EARLY_SENDS_KEPT);
        assertThat(DeviceProfile.parse(profile.name())).isEqualTo(profile);
    }

    @Test
    void shouldReadDeviationsBesideAProfile() {
        DeviceProfile profile = DeviceProfile.parse("rxe,DATAGRAMS_ABSENT");
        assertThat(profile.name()).isEqualTo("rxe,DATAGRAMS_ABSENT");
        assertThat(profile.has(Deviation.DATAGRAMS_ABSENT)).isTrue();
        assertThat(profile.deviations())
                .containsAll(DeviceProfile.parse("rxe").deviations())
                .hasSize(DeviceProfile.parse("rxe").deviations().size() + 1);
        assertThat(DeviceProfile.parse("rxe,IPV6_ABSENT")).isEqualTo(DeviceProfile.parse("rxe"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"mlx6", "", "mlx5,", "mlx5,NO_SUCH_THING", "EARLY_SENDS_KEPT;"})
    void shouldNameWhatIsUnknownAndListWhatIsKnown(String text) {
        String[] parts = text.split(",", -1);
        assertThatThrownBy(() -> DeviceProfile.parse(text))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContainingAll(
                        "'" + parts[parts.length - 1] + "' is neither a profile, one of",
                        "standard, mlx5, mlx4, irdma, rxe",
                        "EMPTY_ELEMENT_LISTS_REFUSED",
                        "EARLY_MESSAGES_KEPT");
    }

    @Test
    void shouldRefuseTwoProfilesAndContraryDeviations() {
        assertThatThrownBy(() -> DeviceProfile.parse("mlx5,irdma"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("'irdma' is a profile, and goes first");
        assertThatThrownBy(() -> DeviceProfile.parse("mlx5,EARLY_SENDS_KEPT"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("contradict each other");
    }
}
