package org.softverbs.soft.device;

import java.util.List;
import org.jspecify.annotations.Nullable;
import org.softverbs.soft.link.PacketLink;
import org.softverbs.soft.link.PortChange;
import org.softverbs.soft.profile.Deviation;
import org.softverbs.soft.profile.DeviceProfile;
import org.softverbs.verbs.AsyncEventType;
import org.softverbs.verbs.Errno;
import org.softverbs.verbs.GidEntry;
import org.softverbs.verbs.GidType;
import org.softverbs.verbs.GlobalIdentifier;
import org.softverbs.verbs.LocalPath;
import org.softverbs.verbs.Mtu;
import org.softverbs.verbs.PortAttributes;
import org.softverbs.verbs.PortState;
import org.softverbs.verbs.VerbsException;

/// The one port of a device, as its link tells of it. Written by the owner of the device, read by
/// any thread.
///
/// A queue pair keeps the path that it was given: when the address of its port changes its packets
/// pass no more, until it is told another. Its program hears of it by `GID_CHANGE`, as on Linux
/// (`drivers/infiniband/core/roce_gid_mgmt.c`), where the queue pair keeps its reference to the old
/// GID, too.
final class SoftPort {

    /// Its number.
    static final int NUMBER = 1;

    /// Bytes of an interface MTU that IP, UDP and RoCE headers need, as rxe reckons.
    private static final int HEADER_ROOM = 80;

    /// What it was last said to be; nothing follows on REMOVED.
    private enum State {
        UP,
        DOWN,
        REMOVED
    }

    private final String deviceName;
    private final PacketLink link;
    private final boolean ipv4Only;
    private final PortAttributes active;
    private final PortAttributes down;
    private volatile State state = State.UP;
    private volatile List<GidEntry> gids;

    SoftPort(String deviceName, PacketLink link, DeviceLimits limits, DeviceProfile profile) {
        this.deviceName = deviceName;
        this.link = link;
        this.ipv4Only = profile.has(Deviation.IPV6_ABSENT);
        this.gids = readGids();
        this.active = attributes(PortState.ACTIVE, limits);
        this.down = attributes(PortState.DOWN, limits);
    }

    private List<GidEntry> readGids() {
        if (ipv4Only && !link.address().isMappedIpv4()) {
            return List.of();
        }
        return List.of(new GidEntry(0, link.address(), GidType.ROCE_V2, link.interfaceName()));
    }

    private PortAttributes attributes(PortState state, DeviceLimits limits) {
        return new PortAttributes(
                state,
                Mtu.MTU_4096,
                Mtu.largestWithin(link.interfaceMtu() - HEADER_ROOM),
                1,
                1,
                limits.maxMessage(),
                link.interfaceMtu());
    }

    PortAttributes attributes() {
        return state == State.UP ? active : down;
    }

    List<GidEntry> gids() {
        return gids;
    }

    /// What sending from a GID comes to now.
    LocalPath localPath(GlobalIdentifier source) {
        if (state != State.UP) {
            return LocalPath.PORT_DOWN;
        }
        boolean isThere = gids.stream().anyMatch(it -> it.gid().equals(source));
        return isThere ? LocalPath.SOUND : LocalPath.GID_GONE;
    }

    /// @throws VerbsException `EIO` when the device was taken out
    void requirePresent(String verb) {
        if (state == State.REMOVED) {
            throw new VerbsException(
                    Errno.EIO,
                    verb,
                    "device " + deviceName + " was removed; all that is left of it can be closed");
        }
    }

    /// Takes over what the link says.
    ///
    /// @return the event to raise; null when it says what is known, or anything of a device that
    ///     was removed
    @Nullable AsyncEventType take(PortChange change) {
        if (state == State.REMOVED) {
            return null;
        }
        return switch (change) {
            case DOWN -> move(State.DOWN, AsyncEventType.PORT_ERR);
            case UP -> move(State.UP, AsyncEventType.PORT_ACTIVE);
            case REMOVED -> move(State.REMOVED, AsyncEventType.DEVICE_FATAL);
            case ADDRESS -> {
                gids = readGids();
                yield AsyncEventType.GID_CHANGE;
            }
        };
    }

    private @Nullable AsyncEventType move(State next, AsyncEventType event) {
        if (state == next) {
            return null;
        }
        state = next;
        return event;
    }

    /// What the event of a change says.
    String detail(PortChange change) {
        return switch (change) {
            case DOWN -> "port 1 of " + deviceName + " went down";
            case UP -> "port 1 of " + deviceName + " is up";
            case ADDRESS -> "GID 0 of port 1 is now " + link.address();
            case REMOVED -> "device " + deviceName + " was removed";
        };
    }
}
