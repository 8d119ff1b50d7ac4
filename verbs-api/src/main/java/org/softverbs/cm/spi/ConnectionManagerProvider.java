package org.softverbs.cm.spi;

import java.util.List;
import org.softverbs.cm.ConnectionManager;
import org.softverbs.verbs.DeviceContext;

/// Who manages the connections of devices; found by `ServiceLoader`.
public interface ConnectionManagerProvider {

    /// Whether it can manage the connections of this device.
    boolean supports(DeviceContext device);

    /// Opens a connection manager.
    ///
    /// @param devices at least one, all of them supported
    ConnectionManager open(List<DeviceContext> devices);
}
