package org.softverbs.soft.device;

import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.NetworkInterface;
import java.net.SocketException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.softverbs.soft.dma.DmaAttachment;
import org.softverbs.soft.host.Host;
import org.softverbs.soft.link.PacketLink;
import org.softverbs.soft.management.ManagedDevice;
import org.softverbs.soft.profile.DeviceProfile;
import org.softverbs.soft.trace.TraceKind;
import org.softverbs.soft.trace.TraceRecorder;
import org.softverbs.verbs.DeviceContext;
import org.softverbs.verbs.Errno;
import org.softverbs.verbs.GlobalIdentifier;
import org.softverbs.verbs.PrivilegedContext;
import org.softverbs.verbs.RdmaDevice;
import org.softverbs.verbs.VerbsException;
import org.softverbs.verbs.spi.RdmaProvider;

/// The devices of softverbs, RoCEv2 over UDP on an address of this machine: `rxe@ADDRESS`, whose
/// data the CPU moves, and `hca@ADDRESS`, which reaches memory as an adapter behind an IOMMU does.
/// A link-local address has its interface behind it: `rxe@fe80::1%eth0`.
///
/// `sanitizer` = `on` checks what a privileged user does with memory and keys.
///
/// `watchdog` = seconds tells of queue pairs that make no progress for so long, by log, flight
/// recorder and counter.
///
/// `profile` is which adapter it behaves like where adapters differ, or single deviations:
/// `standard`, `mlx5`, `mlx4`, `irdma`, `rxe`, `mlx5,EARLY_SENDS_KEPT`.
///
/// Options: `progress` = `poll` or `loop`; `transport` = `auto` or `nio`; `pcap` = a file; `record`
/// = a file for a trace of packets, requests, completions and events; `faults` =
/// `drop=P,duplicate=P,reorder=P,corrupt=P,delay=P`; `seed` = a number; `addressing` =
/// `physical`, `virtual` or `iova`, what addresses a privileged user gives it for DMA; and for
/// `iova` `iommu` =
/// `on` or `off`, `granule` = bytes, `swiotlb` = `off`, `on` or `force`, `mask` = a number of bits,
/// `peers` = `refuse` or `bounce`, `bars` = `pointers`, `intervals` or `hash`; and for any but
/// `virtual` `device-private` = `refuse`, `migrate`, `alias` or `alias-or-migrate`.
public final class SoftProvider implements RdmaProvider {

    /// The kind of device that speaks as the Linux driver `rdma_rxe` does.
    public static final String RXE = "rxe";

    /// The kind of device that speaks the same, and reaches memory as an adapter on the bus does:
    /// through an IOMMU, by addresses that were mapped for it.
    public static final String HCA = "hca";

    private static final String OPEN = "open";

    /// Stands between a link-local address and its interface.
    private static final char SCOPE = '%';

    @Override
    public Set<String> kinds() {
        return Set.of(RXE, HCA);
    }

    @Override
    public List<RdmaDevice> devices() {
        List<RdmaDevice> devices = new ArrayList<>();
        try {
            for (NetworkInterface face :
                    NetworkInterface.networkInterfaces().filter(SoftProvider::isUp).toList()) {
                face.inetAddresses().forEach(address -> devices.add(device(address, face)));
            }
        } catch (SocketException e) {
            throw new VerbsException(Errno.EIO, "devices", String.valueOf(e.getMessage()), e);
        }
        return devices;
    }

    private static boolean isUp(NetworkInterface face) {
        try {
            return face.isUp();
        } catch (SocketException e) {
            return false;
        }
    }

    private static RdmaDevice device(InetAddress address, NetworkInterface face) {
        return device(RXE, address, face.getName());
    }

    private static RdmaDevice device(String kind, InetAddress address, String interfaceName) {
        String name = kind + "@" + text(address, interfaceName);
        return new RdmaDevice(name, guid(address), interfaceName);
    }

    /// An address as [#parse] reads it: with its interface only where it means nothing without.
    private static String text(InetAddress address, String interfaceName) {
        String text = address.getHostAddress();
        int scope = text.indexOf(SCOPE);
        String bare = scope < 0 ? text : text.substring(0, scope);
        return address.isLinkLocalAddress() && address instanceof Inet6Address
                ? bare + SCOPE + interfaceName
                : bare;
    }

    /// A stable identifier in the form of an EUI-64, locally administered.
    private static long guid(InetAddress address) {
        GlobalIdentifier gid = GlobalIdentifier.of(address);
        long folded = gid.high() * 31 + gid.low();
        return 0x0200_00ff_fe00_0000L | (folded & 0xff_ffffL) | (folded & 0xff_ff00_0000L) << 16;
    }

    @Override
    public DeviceContext open(String kind, String address, Map<String, String> options) {
        return open(kind, address, options, SoftDevice::open);
    }

    @Override
    public PrivilegedContext openPrivileged(
            String kind, String address, Map<String, String> options) {
        return open(kind, address, options, SoftPrivilegedDevice::openPrivileged);
    }

    /// Opens a device for one tier of users.
    private interface Tier<D extends SoftDevice> {
        D open(
                RdmaDevice device,
                Host host,
                PacketLink link,
                DeviceOwner owner,
                DeviceLimits limits,
                DeviceProfile profile,
                DmaAttachment attachment);
    }

    private static <D extends SoftDevice> D open(
            String kind, String address, Map<String, String> options, Tier<D> tier) {
        DeviceOptions settings = DeviceOptions.of(options, kind.equals(HCA));
        InetAddress parsed = parse(address);
        Host host = Host.local();
        if (settings.sanitize()) {
            host.sanitize();
        }
        DmaAttachment attachment = DmaAttachment.of(settings.dma(), host);
        DeviceOwner owner = new DeviceOwner(settings.progress(), host.clock());
        try {
            LinkChain chain = owner.call(() -> LinkChain.open(parsed, settings, host, owner));
            PacketLink link = chain.link();
            try {
                RdmaDevice device = device(kind, parsed, link.interfaceName());
                D opened =
                        tier.open(
                                device,
                                host,
                                link,
                                owner,
                                DeviceLimits.standard(),
                                settings.profile(),
                                attachment);
                settings.watchdog().ifPresent(opened::watch);
                chain.recorder().ifPresent(recorder -> record(opened, recorder));
                opened.whenClosed(ManagedDevice.of(opened)::close);
                return opened;
            } catch (RuntimeException refused) {
                owner.run(link::close);
                throw refused;
            }
        } catch (RuntimeException refused) {
            owner.close();
            attachment.close();
            throw refused;
        }
    }

    private static void record(SoftDevice device, TraceRecorder recorder) {
        recorder.add(TraceKind.NOTE, "n" + TraceRecorder.OWN + " is " + device.device().name());
        device.observe(new DeviceTrace(recorder));
    }

    /// Reads a literal; a name would be looked up in the network.
    private static InetAddress parse(String address) {
        InetAddress parsed;
        try {
            parsed = InetAddress.ofLiteral(address);
        } catch (IllegalArgumentException e) {
            throw noAddress(address, e);
        }
        if (parsed instanceof Inet6Address ipv6
                && ipv6.isLinkLocalAddress()
                && ipv6.getScopeId() == 0) {
            throw new VerbsException(
                    Errno.EINVAL,
                    OPEN,
                    "a link-local address needs its interface: "
                            + address
                            + SCOPE
                            + "NAME, as 'softverbs devices' lists it");
        }
        return parsed;
    }

    private static VerbsException noAddress(String address, IllegalArgumentException cause) {
        int scope = address.indexOf(SCOPE);
        if (scope > 0 && scope < address.length() - 1 && isIpv6(address.substring(0, scope))) {
            return new VerbsException(
                    Errno.ENODEV,
                    OPEN,
                    "this machine has no interface '"
                            + address.substring(scope + 1)
                            + "' with the address "
                            + address.substring(0, scope),
                    cause);
        }
        return new VerbsException(
                Errno.EINVAL, OPEN, "'" + address + "' is no IPv4 or IPv6 address", cause);
    }

    private static boolean isIpv6(String text) {
        try {
            return InetAddress.ofLiteral(text) instanceof Inet6Address;
        } catch (IllegalArgumentException e) {
            return false;
        }
    }
}
