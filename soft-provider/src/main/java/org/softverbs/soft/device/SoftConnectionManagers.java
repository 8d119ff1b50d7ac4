package org.softverbs.soft.device;

import java.util.List;
import org.softverbs.cm.ConnectionManager;
import org.softverbs.cm.spi.ConnectionManagerProvider;
import org.softverbs.soft.rdmacm.CmDevice;
import org.softverbs.soft.rdmacm.SoftConnectionManager;
import org.softverbs.verbs.DeviceContext;

/// Manages the connections of software devices.
public final class SoftConnectionManagers implements ConnectionManagerProvider {

    /// For `ServiceLoader`.
    public SoftConnectionManagers() {}

    @Override
    public boolean supports(DeviceContext device) {
        return device instanceof SoftDevice;
    }

    @Override
    public ConnectionManager open(List<DeviceContext> devices) {
        List<SoftCmDevice> own = devices.stream().map(it -> ((SoftDevice) it).cm()).toList();
        SoftConnectionManager manager =
                new SoftConnectionManager(own.stream().map(CmDevice.class::cast).toList());
        own.forEach(it -> it.add(manager));
        return manager;
    }
}
