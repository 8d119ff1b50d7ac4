package org.softverbs.soft.device;

import java.io.IOException;
import java.net.InetAddress;
import java.nio.file.Path;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.softverbs.soft.host.Host;
import org.softverbs.soft.link.FaultLink;
import org.softverbs.soft.link.FaultPlan;
import org.softverbs.soft.link.PacketLink;
import org.softverbs.soft.link.PcapLink;
import org.softverbs.soft.link.TraceLink;
import org.softverbs.soft.link.netty.UdpLinks;
import org.softverbs.soft.trace.TraceRecorder;
import org.softverbs.soft.trace.TraceWriter;
import org.softverbs.soft.wire.pcap.LinkType;
import org.softverbs.soft.wire.pcap.PcapWriter;
import org.softverbs.verbs.Errno;
import org.softverbs.verbs.VerbsException;

/// The link of a device that is opened by name: a socket, those that record what passes it, and on
/// top the one that does harm, so that what is recorded is what is on the wire. For the owner.
final class LinkChain {

    private PacketLink link;
    private @Nullable TraceRecorder recorder;

    private LinkChain(PacketLink socket) {
        link = socket;
    }

    /// @throws VerbsException when the socket or a file is not to be had; nothing is left open then
    static LinkChain open(
            InetAddress address, DeviceOptions settings, Host host, DeviceOwner owner) {
        LinkChain chain = new LinkChain(UdpLinks.open(address, settings.nio(), owner::isOwner));
        try {
            settings.pcap().ifPresent(chain::capture);
            settings.record().ifPresent(file -> chain.trace(file, host));
        } catch (RuntimeException refused) {
            chain.link.close();
            throw refused;
        }
        if (!settings.faults().equals(FaultPlan.NONE)) {
            chain.link =
                    new FaultLink(chain.link, settings.faults(), settings.seed(), host.clock());
        }
        return chain;
    }

    /// The link that the device is given; closes all that is below it.
    PacketLink link() {
        return link;
    }

    /// Where the device is to be recorded, if it is.
    Optional<TraceRecorder> recorder() {
        return Optional.ofNullable(recorder);
    }

    private void capture(Path file) {
        try {
            PcapLink capture = new PcapLink(link, PcapWriter.create(file, LinkType.RAW_IP), true);
            link = new GuardedLink(capture, capture::save);
        } catch (IOException e) {
            throw unwritable("pcap", file, e);
        }
    }

    private void trace(Path file, Host host) {
        try {
            TraceRecorder opened = new TraceRecorder(TraceWriter.create(file), host.clock());
            recorder = opened;
            link = new GuardedLink(new TraceLink(link, opened), opened::close);
        } catch (IOException e) {
            throw unwritable("record", file, e);
        }
    }

    private static VerbsException unwritable(String option, Path file, IOException why) {
        return new VerbsException(
                Errno.EIO, "open", option + " file " + file + " cannot be written: " + why, why);
    }
}
