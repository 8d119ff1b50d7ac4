package org.softverbs.cli;

import com.sun.tools.attach.AttachNotSupportedException;
import com.sun.tools.attach.VirtualMachine;
import com.sun.tools.attach.VirtualMachineDescriptor;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import javax.management.JMX;
import javax.management.MBeanServerConnection;
import javax.management.MalformedObjectNameException;
import javax.management.ObjectName;
import javax.management.remote.JMXConnector;
import javax.management.remote.JMXConnectorFactory;
import javax.management.remote.JMXServiceURL;
import org.jspecify.annotations.Nullable;
import org.softverbs.soft.management.DeviceMXBean;
import org.softverbs.soft.management.ManagedDevice;

/** The devices that programs on this machine have open, seen from another program. */
final class RunningDevices implements AutoCloseable {

    private static final String MAIN_CLASS = "org.softverbs.cli.Softverbs";

    /**
     * One device.
     *
     * @param pid the program that has it
     * @param program its command
     * @param bean the device itself
     */
    record Running(long pid, String program, DeviceMXBean bean) {}

    private final List<JMXConnector> connectors = new ArrayList<>();
    private final List<Running> devices = new ArrayList<>();

    /**
     * Looks for devices.
     *
     * @param wanted the one program to look at; nothing for every softverbs command that runs
     */
    RunningDevices(@Nullable Long wanted) throws IOException {
        long own = ProcessHandle.current().pid();
        if (wanted != null && wanted == own) {
            add(own, "this program", ManagementFactory.getPlatformMBeanServer());
            return;
        }
        for (VirtualMachineDescriptor machine : VirtualMachine.list()) {
            long pid = Long.parseLong(machine.id());
            boolean isWanted =
                    wanted == null
                            ? pid != own && machine.displayName().startsWith(MAIN_CLASS)
                            : pid == wanted;
            if (isWanted) {
                attach(pid, machine);
            }
        }
        devices.sort(Comparator.comparingLong(Running::pid));
    }

    List<Running> devices() {
        return devices;
    }

    // The address comes from the agent of a process of the same user, not from a network.
    @SuppressWarnings("BanJNDI")
    private void attach(long pid, VirtualMachineDescriptor machine) throws IOException {
        String address;
        try {
            VirtualMachine attached = VirtualMachine.attach(machine);
            try {
                address = attached.startLocalManagementAgent();
            } finally {
                attached.detach();
            }
        } catch (AttachNotSupportedException e) {
            throw new IOException("process " + pid + " lets nobody look: " + e.getMessage(), e);
        }
        JMXConnector connector = JMXConnectorFactory.connect(new JMXServiceURL(address));
        connectors.add(connector);
        String command = machine.displayName();
        add(
                pid,
                command.startsWith(MAIN_CLASS)
                        ? "softverbs" + command.substring(MAIN_CLASS.length())
                        : command,
                connector.getMBeanServerConnection());
    }

    private void add(long pid, String program, MBeanServerConnection server) throws IOException {
        try {
            ObjectName all = new ObjectName(ManagedDevice.PATTERN);
            server.queryNames(all, null).stream()
                    .sorted(Comparator.comparing(ObjectName::getCanonicalName))
                    .forEach(
                            name ->
                                    devices.add(
                                            new Running(
                                                    pid,
                                                    program,
                                                    JMX.newMXBeanProxy(
                                                            server, name, DeviceMXBean.class))));
        } catch (MalformedObjectNameException e) {
            throw new IllegalStateException(e);
        }
    }

    @Override
    public void close() throws IOException {
        for (JMXConnector connector : connectors) {
            connector.close();
        }
    }
}
