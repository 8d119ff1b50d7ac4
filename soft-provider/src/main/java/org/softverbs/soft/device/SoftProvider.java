package org.softverbs.soft.device;

import java.io.IOException;
import java.net.InetAddress;
import java.net.NetworkInterface;
import java.net.SocketException;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.softverbs.soft.host.Host;
import org.softverbs.soft.link.FaultLink;
import org.softverbs.soft.link.FaultPlan;
import org.softverbs.soft.link.PacketLink;
import org.softverbs.soft.link.PcapLink;
import org.softverbs.soft.link.netty.UdpLinks;
import org.softverbs.soft.wire.pcap.LinkType;
import org.softverbs.soft.wire.pcap.PcapWriter;
import org.softverbs.verbs.DeviceContext;
import org.softverbs.verbs.Errno;
import org.softverbs.verbs.GlobalIdentifier;
import org.softverbs.verbs.RdmaDevice;
import org.softverbs.verbs.VerbsException;
import org.softverbs.verbs.spi.RdmaProvider;

/// The devices of softverbs: `rxe@ADDRESS`, RoCEv2 over UDP on an address of this machine.
///
/// Options: `progress` = `poll` or `loop`; `transport` = `auto` or `nio`; `pcap` = a file; `faults`
/// = `drop=P,duplicate=P,reorder=P,corrupt=P,delay=P`; `seed` = a number.
public final class SoftProvider implements RdmaProvider {

    /// The kind of device that speaks as the Linux driver `rdma_rxe` does.
    public static final String RXE = "rxe";

    private static final String OPEN = "open";

    @Override
    public Set<String> kinds() {
        return Set.of(RXE);
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
        return new RdmaDevice(RXE + "@" + text(address), guid(address), face.getName());
    }

    private static String text(InetAddress address) {
        String text = address.getHostAddress();
        int scope = text.indexOf('%');
        return scope < 0 ? text : text.substring(0, scope);
    }

    /// A stable identifier in the form of an EUI-64, locally administered.
    private static long guid(InetAddress address) {
        GlobalIdentifier gid = GlobalIdentifier.of(address);
        long folded = gid.high() * 31 + gid.low();
        return 0x0200_00ff_fe00_0000L | (folded & 0xff_ffffL) | (folded & 0xff_ff00_0000L) << 16;
    }

    @Override
    public DeviceContext open(String kind, String address, Map<String, String> options) {
        DeviceOptions settings = DeviceOptions.of(options);
        InetAddress parsed = parse(address);
        Host host = Host.local();
        DeviceOwner owner = new DeviceOwner(settings.progress(), host.clock());
        PacketLink link =
                owner.call(() -> decorate(openLink(parsed, settings, host, owner), settings, host));
        RdmaDevice device =
                new RdmaDevice(kind + "@" + text(parsed), guid(parsed), link.interfaceName());
        return SoftDevice.open(device, host, link, owner, DeviceLimits.standard());
    }

    private static PacketLink openLink(
            InetAddress address, DeviceOptions settings, Host host, DeviceOwner owner) {
        return UdpLinks.open(address, settings.nio(), host.clock(), owner::isOwner);
    }

    private static PacketLink decorate(PacketLink udp, DeviceOptions settings, Host host) {
        PacketLink link = udp;
        if (settings.pcap().isPresent()) {
            link = new PcapLink(link, capture(settings), true);
        }
        if (!settings.faults().equals(FaultPlan.NONE)) {
            link = new FaultLink(link, settings.faults(), settings.seed(), host.clock());
        }
        return link;
    }

    private static PcapWriter capture(DeviceOptions settings) {
        java.nio.file.Path file = settings.pcap().orElseThrow();
        try {
            return PcapWriter.create(file, LinkType.RAW_IP);
        } catch (IOException e) {
            throw new VerbsException(
                    Errno.EIO, OPEN, "pcap file " + file + " cannot be written: " + e, e);
        }
    }

    private static InetAddress parse(String address) {
        try {
            // A literal only: a name would be looked up in the network.
            if (!address.matches("[0-9a-fA-F:.]+")) {
                throw new UnknownHostException(address);
            }
            return InetAddress.getByName(address);
        } catch (UnknownHostException e) {
            throw new VerbsException(
                    Errno.EINVAL, OPEN, "'" + address + "' is no IPv4 or IPv6 address", e);
        }
    }
}
