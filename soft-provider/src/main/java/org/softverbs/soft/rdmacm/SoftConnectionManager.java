package org.softverbs.soft.rdmacm;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.softverbs.cm.ConnectionId;
import org.softverbs.cm.ConnectionManager;
import org.softverbs.cm.EventChannel;
import org.softverbs.cm.PortSpace;
import org.softverbs.verbs.Cause;
import org.softverbs.verbs.DeviceContext;
import org.softverbs.verbs.Errno;
import org.softverbs.verbs.Explanation;
import org.softverbs.verbs.VerbCause;
import org.softverbs.verbs.VerbsException;

/// The connection manager of some devices: knows its channels and IDs, which know the rest.
public final class SoftConnectionManager implements ConnectionManager {

    private static final int MOST_LISTED = 8;

    private final List<CmDevice> devices;
    private final Set<SoftEventChannel> channels = new LinkedHashSet<>();
    private final Set<SoftConnectionId> ids = new LinkedHashSet<>();
    private boolean closed;

    /// @param devices at least one; they stay the caller's
    public SoftConnectionManager(List<CmDevice> devices) {
        this.devices = List.copyOf(devices);
        if (devices.isEmpty()) {
            throw new IllegalArgumentException("a connection manager needs a device");
        }
    }

    @Override
    public List<DeviceContext> devices() {
        return devices.stream().map(CmDevice::context).toList();
    }

    List<CmDevice> cmDevices() {
        return devices;
    }

    @Override
    public synchronized EventChannel createEventChannel() {
        requireOpen();
        SoftEventChannel channel = new SoftEventChannel(this);
        channels.add(channel);
        return channel;
    }

    @Override
    public ConnectionId createId(EventChannel channel, PortSpace portSpace) {
        if (!(channel instanceof SoftEventChannel own) || own.manager() != this) {
            throw new IllegalArgumentException("the event channel is of another manager");
        }
        own.requireOpen();
        return add(new SoftConnectionId(this, own, portSpace));
    }

    synchronized SoftConnectionId add(SoftConnectionId id) {
        requireOpen();
        ids.add(id);
        return id;
    }

    synchronized void closed(SoftConnectionId id) {
        ids.remove(id);
    }

    synchronized void closed(SoftEventChannel channel) {
        channels.remove(channel);
    }

    @Override
    public synchronized List<ConnectionId> ids() {
        return List.copyOf(ids);
    }

    @SuppressWarnings("ReferenceEquality")
    synchronized List<SoftConnectionId> idsOf(SoftEventChannel channel) {
        return ids.stream().filter(it -> it.channel() == channel).toList();
    }

    /// A device was taken out: all that is bound to it is told. Called by its owner.
    public void onDeviceRemoved(CmDevice device) {
        copyOfIds().forEach(it -> it.onDeviceRemoved(device));
    }

    /// The addresses of a device have changed. Called by its owner.
    public void onAddressChange(CmDevice device) {
        copyOfIds().forEach(it -> it.onAddressChange(device));
    }

    private synchronized List<SoftConnectionId> copyOfIds() {
        return List.copyOf(ids);
    }

    private void requireOpen() {
        if (closed) {
            throw new IllegalStateException("the connection manager is closed");
        }
    }

    @Override
    public synchronized void close() {
        List<String> users = new ArrayList<>();
        ids.stream().limit(MOST_LISTED).forEach(it -> users.add(it.toString()));
        channels.stream().limit(MOST_LISTED).forEach(_ -> users.add("an event channel"));
        if (!users.isEmpty()) {
            Cause why = new VerbCause.StillInUse("the connection manager", users);
            throw new VerbsException(
                    Errno.EBUSY, "closeConnectionManager", why.sentence(), Explanation.of(why));
        }
        closed = true;
    }
}
