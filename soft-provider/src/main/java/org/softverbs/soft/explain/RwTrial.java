package org.softverbs.soft.explain;

import java.util.List;
import java.util.Optional;
import org.softverbs.dma.BioVector;
import org.softverbs.dma.DmaAddressing;
import org.softverbs.dma.DmaDirection;
import org.softverbs.dma.DmaLimits;
import org.softverbs.dma.PhysicalVector;
import org.softverbs.rw.ReadWriteContext;
import org.softverbs.rw.ReadWriteLimits;
import org.softverbs.rw.ReadWriteQueue;
import org.softverbs.rw.VectorKind;
import org.softverbs.soft.dma.DmaAttachment;
import org.softverbs.soft.dma.SoftwareDmaDevice;
import org.softverbs.soft.explain.RwReport.Request;
import org.softverbs.verbs.SendWorkRequest;
import org.softverbs.verbs.Sge;
import org.softverbs.verbs.VerbsException;

/// Does one RDMA READ or WRITE of a scatter list over a connection inside the JVM, and says how it
/// was done. The requests of an iWARP device, and those of long I/Os, are built and not posted.
public final class RwTrial {

    private static final long LONGEST_MOVED = 1L << 24;
    private static final long ID = 1;
    private static final long SAMPLE_ADDRESS = 0x1000;
    private static final int SAMPLE_KEY = 1;

    private final RwChoice choice;
    private final SampleHost sample;

    private RwTrial(RwChoice choice, SampleHost sample) {
        this.choice = choice;
        this.sample = sample;
    }

    /// Builds a host with the list and a device, and does the I/O.
    public static RwReport run(List<SglElement> elements, RwChoice choice) {
        try {
            return new RwTrial(choice, new SampleHost(elements)).run();
        } catch (VerbsException | IllegalArgumentException refused) {
            return RwReport.failed(String.valueOf(refused.getMessage()));
        }
    }

    private RwReport run() {
        long total = sample.list().total();
        boolean posts = choice.device().kind() != DeviceChoice.Kind.SIW && total <= LONGEST_MOVED;
        DmaAttachment attachment =
                DmaAttachment.of(choice.device().dma(), sample.host(), sample.adapter());
        try (SampleConnection connection =
                        new SampleConnection(sample.host(), attachment, posts ? total : 1);
                ReadWriteQueue queue =
                        new ReadWriteQueue(
                                connection.queuePair(), limits(), choice.registrations())) {
            return posts ? perform(queue, connection) : build(queue);
        }
    }

    /// What the device can do. An iWARP device as Linux siw: it reads into one element, and names
    /// that to the peer.
    private ReadWriteLimits limits() {
        boolean iwarp = choice.device().kind() == DeviceChoice.Kind.SIW;
        return new ReadWriteLimits(
                iwarp,
                choice.maxSge(),
                iwarp ? 1 : choice.maxSge(),
                choice.maxSglRead(),
                ReadWriteLimits.MOST_REGISTRATION_PAGES,
                1L << 31,
                choice.forceRegistration());
    }

    private ReadWriteContext context(ReadWriteQueue queue, long remoteAddress, int remoteKey) {
        PhysicalVector memory = sample.list();
        return choice.kind() == VectorKind.BIO_VECTOR
                ? ReadWriteContext.overBioVector(
                        queue, new BioVector(memory), remoteAddress, remoteKey, choice.direction())
                : ReadWriteContext.overScatterList(
                        queue, memory, 0, remoteAddress, remoteKey, choice.direction());
    }

    private RwReport build(ReadWriteQueue queue) {
        try (ReadWriteContext io = context(queue, SAMPLE_ADDRESS, SAMPLE_KEY)) {
            return report(io, io.workRequests(ID), 0);
        }
    }

    private RwReport perform(ReadWriteQueue queue, SampleConnection connection) {
        boolean read = choice.direction() == DmaDirection.FROM_DEVICE;
        ByteStream memory = memory();
        StreamRanges whole = new StreamRanges();
        whole.addEnds(sample.list().total(), sample.list().total());
        TrialPattern pattern = new TrialPattern(1);
        Optional<String> wrong = Optional.empty();
        if (read) {
            connection.fillPeer(pattern);
        } else {
            wrong = pattern.write(memory, whole.union());
        }
        RwReport report;
        try (ReadWriteContext io =
                context(queue, connection.remoteAddress(), connection.remoteKey())) {
            List<SendWorkRequest> requests = io.workRequests(ID);
            report = report(io, requests, sample.list().total());
            wrong = wrong.or(() -> connection.perform(requests));
        }
        wrong =
                wrong.or(
                        () ->
                                read
                                        ? pattern.compare(
                                                memory, whole.union(), "what the device wrote")
                                        : connection.comparePeer(pattern));
        return wrong.map(RwReport::failed).orElse(report);
    }

    private ByteStream memory() {
        SoftwareDmaDevice cpu =
                new SoftwareDmaDevice(
                        sample.host().physicalMemory(),
                        DmaAddressing.PHYSICAL,
                        DmaLimits.ofBits(Long.SIZE));
        ByteStream memory = new ByteStream(cpu.memory());
        for (int i = 0; i < sample.list().count(); i++) {
            memory.add(sample.list().address(i), sample.list().length(i));
        }
        return memory;
    }

    private static RwReport report(
            ReadWriteContext io, List<SendWorkRequest> requests, long movedBytes) {
        return new RwReport(
                Optional.of(io.decision()),
                io.mapping().segments().size(),
                io.registrations(),
                requests.stream().map(RwTrial::describe).toList(),
                movedBytes,
                Optional.empty());
    }

    private static Request describe(SendWorkRequest request) {
        String opcode =
                switch (request) {
                    case SendWorkRequest.RdmaRead read -> "RDMA_READ";
                    case SendWorkRequest.RdmaWrite write -> "RDMA_WRITE";
                    case SendWorkRequest.RdmaReadWithInvalidate read -> "RDMA_READ_WITH_INV";
                    case SendWorkRequest.RegisterMemory register -> "REG_MR";
                    case SendWorkRequest.LocalInvalidate invalidate -> "LOCAL_INV";
                    default -> request.getClass().getSimpleName();
                };
        long bytes = request.elements().stream().mapToLong(Sge::lengthAsLong).sum();
        return new Request(opcode, request.elements().size(), bytes);
    }
}
