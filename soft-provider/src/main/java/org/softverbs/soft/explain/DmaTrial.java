package org.softverbs.soft.explain;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.softverbs.dma.DmaAddressing;
import org.softverbs.dma.DmaDirection;
import org.softverbs.dma.DmaLimits;
import org.softverbs.dma.DmaMapping;
import org.softverbs.dma.DmaStatistics;
import org.softverbs.dma.PhysicalRange;
import org.softverbs.soft.dma.DmaAttachment;
import org.softverbs.soft.dma.SoftwareDmaDevice;
import org.softverbs.soft.memory.AddressedMemory;
import org.softverbs.verbs.VerbsException;

/// Does one I/O: maps the list, moves bytes through what the device is given, both ways, and undoes
/// it. Of each element and each segment the first and the last page are moved.
public final class DmaTrial {

    private static final long PAGE = 4096;

    private final SampleHost sample;
    private final DmaAttachment attachment;
    private final MappingApi api;
    private final AddressedMemory cpu;
    private final TrialPattern sent = new TrialPattern(1);
    private final TrialPattern answered = new TrialPattern(2);
    private Optional<String> wrong = Optional.empty();

    private DmaTrial(SampleHost sample, DmaAttachment attachment, MappingApi api) {
        this.sample = sample;
        this.attachment = attachment;
        this.api = api;
        this.cpu =
                new SoftwareDmaDevice(
                                sample.host().physicalMemory(),
                                DmaAddressing.PHYSICAL,
                                DmaLimits.ofBits(Long.SIZE))
                        .memory();
    }

    /// Builds a host with the list and a device, and does the I/O.
    public static DmaReport run(List<SglElement> elements, DeviceChoice choice, MappingApi api) {
        List<PhysicalRange> list = new ArrayList<>();
        try {
            SampleHost sample = new SampleHost(elements);
            for (int i = 0; i < sample.list().count(); i++) {
                list.add(new PhysicalRange(sample.list().address(i), sample.list().length(i)));
            }
            return new DmaTrial(
                            sample,
                            DmaAttachment.of(choice.dma(), sample.host(), sample.adapter()),
                            api)
                    .run(list);
        } catch (VerbsException | IllegalArgumentException refused) {
            return DmaReport.failed(list, String.valueOf(refused.getMessage()));
        }
    }

    private DmaReport run(List<PhysicalRange> list) {
        ByteStream memory = new ByteStream(cpu);
        StreamRanges ends = new StreamRanges();
        for (PhysicalRange range : list) {
            memory.add(range.address(), range.length());
            ends.addEnds(range.length(), PAGE);
        }
        note(sent.write(memory, ends.union()));
        DmaStatistics before = statistics();
        DmaMapping mapping =
                api.map(attachment.device(), sample.list(), DmaDirection.BIDIRECTIONAL);
        DmaStatistics mapped = statistics().since(before);
        DmaReport.Mapped how =
                new DmaReport.Mapped(
                        mapping.outcome(), mapping.segments(), mapping.storedAddresses());
        StreamRanges.Union moved = move(mapping, memory, ends);
        DmaStatistics beforeUnmap = statistics();
        mapping.close();
        DmaStatistics unmapped = statistics().since(beforeUnmap);
        note(answered.compare(memory, moved, "what the device wrote"));
        return wrong.isPresent()
                ? DmaReport.failed(list, wrong.get())
                : new DmaReport(
                        list, Optional.of(how), mapped, unmapped, moved.bytes(), Optional.empty());
    }

    /// Lets the device read what was there when the list was mapped, then all ends of elements and
    /// segments, and answer with other bytes.
    ///
    /// @return what was moved
    private StreamRanges.Union move(DmaMapping mapping, ByteStream memory, StreamRanges ends) {
        ByteStream segments = new ByteStream(attachment.memory());
        mapping.forEachSegment((space, address, length) -> segments.add(address, length));
        note(sent.compare(segments, ends.union(), "what the device reads"));
        ends.restart();
        mapping.forEachSegment((space, address, length) -> ends.addEnds(length, PAGE));
        StreamRanges.Union all = ends.union();
        note(sent.write(memory, all));
        mapping.syncForDevice();
        note(sent.compare(segments, all, "what the device reads after a sync"));
        note(answered.write(segments, all));
        return all;
    }

    private DmaStatistics statistics() {
        return attachment.device().statistics();
    }

    /// Keeps the first thing that went wrong.
    private void note(Optional<String> found) {
        wrong = wrong.or(() -> found);
    }
}
