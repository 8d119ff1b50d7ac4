package org.softverbs.ulp.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Map;
import org.junit.jupiter.api.Test;
import org.softverbs.ulp.tool.SideListener;
import org.softverbs.ulp.tool.ToolException;
import org.softverbs.verbs.PrivilegedContext;
import org.softverbs.verbs.RdmaDevices;

class OwnTargetTest {

    private static final StoreSettings SETTINGS = StoreSettings.of(new StoreGeometry(512, 64));

    @Test
    void shouldLeaveNothingOpenWhenItsPortCannotBeHad() {
        PrivilegedContext device = RdmaDevices.openPrivileged("rxe@127.4.204.1", Map.of());
        try (SideListener taken = new SideListener(0)) {
            assertThatThrownBy(() -> new OwnTarget(device, SETTINGS, taken.port()))
                    .isInstanceOf(ToolException.class)
                    .hasMessageContaining("is in use");
        }
        // Refused while anything is open.
        assertThatCode(device::close).doesNotThrowAnyException();
    }

    @Test
    void shouldServeUntilItIsClosed() {
        try (PrivilegedContext device = RdmaDevices.openPrivileged("rxe@127.4.204.2", Map.of())) {
            OwnTarget target = new OwnTarget(device, SETTINGS, 0);
            assertThat(target.port()).isPositive();
            target.close();
            assertThat(target.statistics().lost()).isZero();
        }
    }
}
