package org.softverbs.soft.management;

import java.lang.management.ManagementFactory;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import javax.management.InstanceNotFoundException;
import javax.management.JMException;
import javax.management.MBeanServer;
import javax.management.ObjectName;
import org.softverbs.verbs.DeviceContext;
import org.softverbs.verbs.DeviceResources;

/// A device in the platform's MBean server, as `org.softverbs:type=Device,name="rxe@...",open=N`,
/// until it is closed.
public final class ManagedDevice implements DeviceMXBean, AutoCloseable {

    /// What all devices match.
    public static final String PATTERN = "org.softverbs:type=Device,*";

    private static final AtomicInteger OPENED = new AtomicInteger();

    private final DeviceContext device;
    private final ObjectName name;

    private ManagedDevice(DeviceContext device, ObjectName name) {
        this.device = device;
        this.name = name;
    }

    /// Shows a device.
    public static ManagedDevice of(DeviceContext device) {
        try {
            ObjectName name =
                    new ObjectName(
                            "org.softverbs:type=Device,name=%s,open=%d"
                                    .formatted(
                                            ObjectName.quote(device.device().name()),
                                            OPENED.incrementAndGet()));
            ManagedDevice managed = new ManagedDevice(device, name);
            server().registerMBean(managed, name);
            return managed;
        } catch (JMException e) {
            throw new IllegalStateException("the name of " + device + " is no name of a bean", e);
        }
    }

    private static MBeanServer server() {
        return ManagementFactory.getPlatformMBeanServer();
    }

    @Override
    public String getName() {
        return device.device().name();
    }

    @Override
    public Map<String, Long> getCounters() {
        return device.counters();
    }

    @Override
    public DeviceResources getResources() {
        return device.resources();
    }

    @Override
    public void close() {
        try {
            server().unregisterMBean(name);
        } catch (InstanceNotFoundException e) {
            // Somebody with a console took it out.
        } catch (JMException e) {
            throw new IllegalStateException("taking " + name + " out", e);
        }
    }
}
