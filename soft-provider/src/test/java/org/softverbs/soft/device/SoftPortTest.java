package org.softverbs.soft.device;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.softverbs.soft.link.InProcessNetwork;
import org.softverbs.soft.link.PortChange;
import org.softverbs.soft.profile.DeviceProfile;
import org.softverbs.verbs.AsyncEventType;
import org.softverbs.verbs.GlobalIdentifier;
import org.softverbs.verbs.PortState;
import org.softverbs.verbs.VerbsException;

/// What a port makes of what its link says.
class SoftPortTest {

    private final SoftPort port =
            new SoftPort(
                    "rxe0",
                    new InProcessNetwork(1500).join(new GlobalIdentifier(0, 0xffff_0a00_0001L)),
                    DeviceLimits.standard(),
                    DeviceProfile.standard());

    @Test
    void shouldTellOfEachChangeOnce() {
        assertThat(port.take(PortChange.UP)).as("it is up").isNull();
        assertThat(port.take(PortChange.DOWN)).isEqualTo(AsyncEventType.PORT_ERR);
        assertThat(port.attributes().state()).isEqualTo(PortState.DOWN);
        assertThat(port.take(PortChange.DOWN)).as("it is down").isNull();
        assertThat(port.take(PortChange.UP)).isEqualTo(AsyncEventType.PORT_ACTIVE);
        assertThat(port.attributes().state()).isEqualTo(PortState.ACTIVE);
    }

    @Test
    void shouldStayRemoved() {
        port.requirePresent("queryPort");
        assertThat(port.take(PortChange.REMOVED)).isEqualTo(AsyncEventType.DEVICE_FATAL);
        for (PortChange later : PortChange.values()) {
            assertThat(port.take(later)).as("%s", later).isNull();
        }
        assertThat(port.attributes().state()).isEqualTo(PortState.DOWN);
        assertThatThrownBy(() -> port.requirePresent("queryPort"))
                .isInstanceOf(VerbsException.class)
                .hasMessageContaining("rxe0 was removed");
    }
}
