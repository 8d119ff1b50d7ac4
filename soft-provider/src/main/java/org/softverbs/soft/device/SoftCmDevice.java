package org.softverbs.soft.device;

import java.net.InetAddress;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import org.softverbs.cm.ConnectionId;
import org.softverbs.soft.cm.CmEngine;
import org.softverbs.soft.rdmacm.CmDevice;
import org.softverbs.soft.rdmacm.PortBindings;
import org.softverbs.soft.rdmacm.SoftConnectionManager;
import org.softverbs.verbs.DeviceContext;
import org.softverbs.verbs.GlobalIdentifier;
import org.softverbs.verbs.QueuePair;
import org.softverbs.verbs.QueuePairAttributes;
import org.softverbs.verbs.QueuePairState;
import org.softverbs.verbs.VerbsException;

/// A device as connection managers have it.
final class SoftCmDevice implements CmDevice {

    private final SoftDevice device;
    private final PortBindings ports = new PortBindings();
    private final List<SoftConnectionManager> managers = new CopyOnWriteArrayList<>();

    SoftCmDevice(SoftDevice device) {
        this.device = device;
    }

    /// Tells a manager from now on what becomes of the device.
    void add(SoftConnectionManager manager) {
        managers.add(manager);
    }

    /// The IDs of its managers that are bound to it, or to no device.
    List<ConnectionId> ids() {
        return managers.stream()
                .flatMap(it -> it.ids().stream())
                .filter(id -> id.device().map(device::equals).orElse(true))
                .toList();
    }

    /// The device was taken out. For the owner.
    void onRemoved() {
        managers.forEach(it -> it.onDeviceRemoved(this));
    }

    /// The device has another address. For the owner.
    void onAddressChange() {
        managers.forEach(it -> it.onAddressChange(this));
    }

    @Override
    public DeviceContext context() {
        return device;
    }

    @Override
    public CmEngine engine() {
        return device.engine().management().engine();
    }

    @Override
    public PortBindings ports() {
        return ports;
    }

    @Override
    public void run(Runnable action) {
        device.owner()
                .run(
                        () -> {
                            try {
                                action.run();
                            } finally {
                                device.engine().link().flush();
                            }
                        });
    }

    @Override
    public long nanoTime() {
        return device.host().clock().nanoTime();
    }

    @Override
    public int randomBits(int bits) {
        return device.host().random().nextBits(bits);
    }

    @Override
    public void onWait() {
        device.owner().onWait();
    }

    @Override
    public Optional<InetAddress> sourceFor(InetAddress destination) {
        return Optional.empty();
    }

    @Override
    public void prepareDatagramQueuePair(QueuePair queuePair, int queueKey) {
        queuePair.modify(QueuePairAttributes.toInitDatagram(queueKey));
        queuePair.modify(QueuePairAttributes.to(QueuePairState.RTR));
        queuePair.modify(QueuePairAttributes.toReadyToSendUnreliable(randomBits(24)));
    }

    @Override
    public void joinGroup(Optional<QueuePair> queuePair, GlobalIdentifier group) {
        MulticastGroups groups = device.engine().groups();
        device.requirePresent("joinMulticast");
        groups.hold(group);
        try {
            queuePair.ifPresent(it -> it.attachMulticast(group));
        } catch (VerbsException refused) {
            groups.release(group);
            throw refused;
        }
    }

    @Override
    public void leaveGroup(Optional<QueuePair> queuePair, GlobalIdentifier group) {
        MulticastGroups groups = device.engine().groups();
        queuePair.map(SoftQueuePair.class::cast).ifPresent(it -> groups.detach(it.port(), group));
        groups.release(group);
    }
}
