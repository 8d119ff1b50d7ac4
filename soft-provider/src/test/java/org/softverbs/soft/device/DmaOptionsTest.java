package org.softverbs.soft.device;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Locale;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.softverbs.soft.dma.DevicePrivatePolicy;
import org.softverbs.soft.dma.PeerSettings;
import org.softverbs.soft.pci.BarLookup;
import org.softverbs.verbs.PrivilegedContext;
import org.softverbs.verbs.RdmaDevices;
import org.softverbs.verbs.VerbsException;

/// The options of a device that say how it is attached to memory.
class DmaOptionsTest {

    private static PeerSettings peers(Map<String, String> options) {
        return DeviceOptions.of(options, true).dma().peers();
    }

    @Test
    void shouldTellHowMemoryOfOtherDevicesIsDealtWith() {
        assertThat(peers(Map.of())).isEqualTo(PeerSettings.standard());
        assertThat(peers(Map.of("peers", "bounce")).bounces()).isTrue();
        assertThat(peers(Map.of("peers", "refuse")).bounces()).isFalse();
        assertThat(peers(Map.of("bars", "intervals")).lookup()).isEqualTo(BarLookup.INTERVALS);
        assertThat(peers(Map.of("bars", "hash")).lookup()).isEqualTo(BarLookup.HASH);
        assertThat(peers(Map.of("bars", "pointers")).lookup()).isEqualTo(BarLookup.POINTERS);
        for (DevicePrivatePolicy policy : DevicePrivatePolicy.values()) {
            String word = policy.name().toLowerCase(Locale.ROOT).replace('_', '-');
            assertThat(peers(Map.of("device-private", word)).devicePrivate()).isEqualTo(policy);
        }
    }

    @ParameterizedTest
    @CsvSource({
        "peers, maybe, neither refuse nor bounce",
        "bars, tree, 'none of intervals, hash, pointers'",
        "device-private, copy, 'none of refuse, migrate, alias, alias-or-migrate'",
        "peer, x, 'peers, bars, device-private'"
    })
    void shouldRefuseOtherWords(String name, String value, String reason) {
        assertThatThrownBy(() -> peers(Map.of(name, value)))
                .isInstanceOf(VerbsException.class)
                .hasMessageContaining(name)
                .hasMessageContaining(reason);
    }

    @Test
    void shouldOpenADeviceWithThem() {
        try (PrivilegedContext device =
                RdmaDevices.openPrivileged(
                        "hca@127.9.77.1",
                        Map.of("peers", "bounce", "bars", "hash", "device-private", "migrate"))) {
            assertThat(device.dma().statistics().maps()).isZero();
        }
    }
}
