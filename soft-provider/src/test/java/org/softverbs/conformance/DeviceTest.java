package org.softverbs.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.softverbs.soft.host.Host;
import org.softverbs.verbs.DeviceAttributes;
import org.softverbs.verbs.DeviceContext;
import org.softverbs.verbs.Errno;
import org.softverbs.verbs.ExtendedDeviceAttributes;
import org.softverbs.verbs.GidEntry;
import org.softverbs.verbs.GidType;
import org.softverbs.verbs.PortAttributes;
import org.softverbs.verbs.RdmaDevice;
import org.softverbs.verbs.RdmaDevices;

/// Rows RUT-DEV and PYV-DEVICE: devices by name, over the sockets of this machine, and what they
/// tell of themselves.
@Conformance
class DeviceTest {

    private static final int MANY = 8;

    private static String name(Rig rig, int last) {
        return rig.kind() + "@127.11.0." + last;
    }

    @Test
    @Tag("RUT-DEV-001")
    void shouldBeListed(Rig rig) {
        List<RdmaDevice> devices = RdmaDevices.list();
        assertThat(devices).extracting(RdmaDevice::name).contains("rxe@127.0.0.1");
        // An adapter is on each of the same addresses.
        assertThat(RdmaDevices.list()).isEqualTo(devices);
        try (DeviceContext opened = RdmaDevices.open(name(rig, 1))) {
            assertThat(opened.device().interfaceName())
                    .isIn(devices.stream().map(RdmaDevice::interfaceName).toList());
        }
    }

    @Test
    @Tag("RUT-DEV-002")
    void shouldBeTheOneThatWasOpened(Rig rig) {
        try (DeviceContext opened = RdmaDevices.open(name(rig, 1))) {
            assertThat(opened.device().name()).isEqualTo(name(rig, 1));
        }
    }

    @Test
    @Tag("RUT-DEV-003")
    @Deviates("a device owns its UDP port: who opens it again before it is closed gets EADDRINUSE")
    void shouldBeOpenOnceAtATime(Rig rig) {
        for (int round = 0; round < MANY; round++) {
            try (DeviceContext opened = RdmaDevices.open(name(rig, 1))) {
                Expect.refused(Errno.EADDRINUSE, () -> RdmaDevices.open(name(rig, 1)));
                assertThat(opened.queryDevice().physicalPorts()).isPositive();
            }
        }
    }

    @Test
    @Tag("RUT-DEV-004")
    void shouldBeOpenedByAnotherThread(Rig rig) throws Exception {
        try (ExecutorService other = Executors.newSingleThreadExecutor();
                DeviceContext opened = other.submit(() -> RdmaDevices.open(name(rig, 1))).get()) {
            assertThat(opened.device().name()).isEqualTo(name(rig, 1));
            opened.allocateProtectionDomain().close();
        }
    }

    @Test
    @Tag("RUT-DEV-005")
    @Decision("each thread opens a device of its own")
    void shouldBeOpenedByManyThreads(Rig rig) throws Exception {
        List<DeviceContext> opened = new ArrayList<>();
        try (ExecutorService threads = Executors.newFixedThreadPool(MANY)) {
            List<Future<DeviceContext>> opening = new ArrayList<>();
            for (int i = 1; i <= MANY; i++) {
                String name = name(rig, i);
                opening.add(threads.submit(() -> RdmaDevices.open(name)));
            }
            for (Future<DeviceContext> one : opening) {
                opened.add(one.get());
            }
        }
        for (int i = 1; i <= MANY; i++) {
            assertThat(opened.get(i - 1).device().name()).isEqualTo(name(rig, i));
            opened.get(i - 1).close();
        }
    }

    @Test
    @Tag("RUT-DEV-006")
    void shouldTellItsAttributes(Rig rig) {
        DeviceAttributes attributes = rig.left().context().queryDevice();
        assertThat(attributes.maxQueuePairs()).isPositive();
        assertThat(attributes).isEqualTo(rig.left().context().queryDevice());
    }

    @Test
    @Tag("PYV-DEVICE-003")
    void shouldTellItsIdentityAndLimits(Rig rig) {
        DeviceAttributes attributes = rig.left().context().queryDevice();
        ExtendedDeviceAttributes extended = rig.left().context().queryExtendedDevice();
        assertThat(attributes.nodeGuid()).isNotZero();
        assertThat(extended.systemImageGuid()).isNotZero();
        assertThat(extended.pageSizeCapability()).isGreaterThanOrEqualTo(Host.PAGE);
        assertThat(extended.pageSizeCapability() & Host.PAGE).isEqualTo(Host.PAGE);
        assertThat(attributes.maxQueuePairs()).isPositive();
        assertThat(attributes.maxCompletionQueues()).isPositive();
        assertThat(attributes.maxMemoryRegions()).isPositive();
        assertThat(attributes.maxProtectionDomains()).isPositive();
        assertThat(attributes.maxSge()).isPositive();
        assertThat(attributes.maxQueuePairRequests()).isPositive();
        assertThat(extended.completionVectors()).isPositive();
        assertThat(extended.coreClockKilohertz()).isPositive();
    }

    @Test
    @Tag("PYV-DEVICE-004")
    void shouldTellEachPartitionKey(Rig rig) {
        PortAttributes port = rig.left().context().queryPort(1);
        assertThat(port.partitionKeyTableLength()).isPositive();
        for (int i = 0; i < port.partitionKeyTableLength(); i++) {
            assertThat(rig.left().context().partitionKey(1, i)).isBetween(0, 0xffff);
        }
        assertThat(rig.left().context().partitionKey(1, 0)).isEqualTo(0xffff);
    }

    @Test
    @Tag("PYV-DEVICE-005")
    void shouldFindTheIndexOfAPartitionKey(Rig rig) {
        DeviceContext context = rig.left().context();
        for (int i = 0; i < context.queryPort(1).partitionKeyTableLength(); i++) {
            assertThat(context.partitionKeyIndex(1, context.partitionKey(1, i))).hasValue(i);
        }
        assertThat(context.partitionKeyIndex(1, 0x1234)).isEmpty();
        Expect.refused(Errno.EINVAL, () -> context.partitionKeyIndex(2, 0xffff));
    }

    @Test
    @Tag("PYV-DEVICE-007")
    void shouldTellItsWholeGidTable(Rig rig) {
        DeviceContext context = rig.left().context();
        List<GidEntry> table = context.gidTable(1);
        assertThat(table).isNotEmpty();
        assertThat(table).hasSizeLessThanOrEqualTo(context.queryPort(1).gidTableLength());
        assertThat(table).extracting(GidEntry::index).isSorted().doesNotHaveDuplicates();
        assertThat(table).allMatch(row -> row.gid().low() != 0);
    }

    @Test
    @Tag("PYV-DEVICE-009")
    void shouldTellTheTypeAndTheInterfaceOfAGid(Rig rig) {
        try (DeviceContext opened = RdmaDevices.open(name(rig, 1))) {
            assertThat(opened.gidTable(1))
                    .isNotEmpty()
                    .allMatch(row -> row.type() == GidType.ROCE_V2)
                    .allMatch(row -> row.interfaceName().equals("lo"))
                    .anyMatch(row -> row.gid().toString().equals("::ffff:127.11.0.1"));
        }
    }

    @Test
    @Tag("PYV-DEVICE-012")
    void shouldHaveThePortsThatItSays(Rig rig) {
        DeviceContext context = rig.left().context();
        int ports = context.queryDevice().physicalPorts();
        assertThat(ports).isPositive();
        for (int port = 1; port <= ports; port++) {
            assertThat(context.queryPort(port).gidTableLength()).isPositive();
        }
        Expect.refused(Errno.EINVAL, () -> context.queryPort(ports + 1));
    }

    @Test
    @Tag("PYV-DEVICE-014")
    void shouldRefuseAPortThatItDoesNotHave(Rig rig) {
        DeviceContext context = rig.left().context();
        for (int port : new int[] {-1, 0, 2, 255}) {
            Expect.refused(Errno.EINVAL, () -> context.queryPort(port));
        }
    }
}
