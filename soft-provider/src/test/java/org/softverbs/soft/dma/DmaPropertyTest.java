package org.softverbs.soft.dma;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.SplittableRandom;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.softverbs.dma.AddressSpace;
import org.softverbs.dma.BioVector;
import org.softverbs.dma.DmaAddressing;
import org.softverbs.dma.DmaDevice;
import org.softverbs.dma.DmaDirection;
import org.softverbs.dma.DmaLimits;
import org.softverbs.dma.DmaMapping;
import org.softverbs.dma.DmaSegment;
import org.softverbs.dma.DmaTransaction;
import org.softverbs.dma.IoOutcome;
import org.softverbs.dma.PageFlag;
import org.softverbs.dma.PageVector;
import org.softverbs.dma.PhysicalRange;
import org.softverbs.dma.PhysicalRanges;
import org.softverbs.dma.PhysicalVector;
import org.softverbs.dma.ScatterList;
import org.softverbs.sanitized.Sanitized;
import org.softverbs.soft.iommu.FlushPolicy;
import org.softverbs.soft.memory.AddressedMemory;
import org.softverbs.soft.packet.RunList;
import org.softverbs.soft.pci.PciFunction;

/// Whatever the vector and the device: the device sees the bytes of the vector and nothing else,
/// all structures give the same segments, and at the end nothing is left.
class DmaPropertyTest {

    /// The sanitizer takes a digest of every byte at every turn.
    private static final int ROUNDS = Sanitized.isOn() ? 4000 : 100_000;
    private static final int LONGEST = 1 << 20;
    private static final MemorySegment ZEROS = MemorySegment.ofArray(new byte[65_536]);

    /// A device with everything that a round needs.
    private record Subject(
            String name, DmaHost it, TestDevice device, Reach reach, RandomVectors vectors) {

        AddressedMemory memory() {
            return device.memory();
        }
    }

    /// How far a device gets.
    private enum Reach {
        /// There is no page table.
        ANYTHING,
        /// To what is mapped in whole granules.
        GRANULES,
        /// As before, and beside a mapping there is nothing of anybody else's.
        BYTES
    }

    private final byte[] noise = new byte[2 * LONGEST];
    private final EnumMap<IoOutcome, Integer> outcomes = new EnumMap<>(IoOutcome.class);

    private static List<Subject> subjects() {
        List<Subject> subjects = new ArrayList<>();
        for (DmaAddressing addressing : List.of(DmaAddressing.PHYSICAL, DmaAddressing.VIRTUAL)) {
            DmaHost it = new DmaHost();
            boolean all = addressing == DmaAddressing.PHYSICAL;
            TestDevice device = it.software(addressing);
            RandomVectors vectors =
                    new RandomVectors(
                            it,
                            all
                                    ? List.of(PageFlag.HIGHMEM, PageFlag.PRIVATE)
                                    : List.of(PageFlag.PRIVATE),
                            all ? List.of(it.busPeer, it.stranger) : List.of());
            subjects.add(new Subject(addressing.name(), it, device, Reach.ANYTHING, vectors));
        }
        AdapterProperties standard = AdapterProperties.standard();
        addDirect(subjects, "direct", standard);
        addDirect(subjects, "mask", standard.withLimits(DmaLimits.ofBits(32)));
        addDirect(subjects, "forced", DmaHost.forced());
        for (long granule : new long[] {4096, 65_536}) {
            addTranslated(subjects, granule, standard);
            addTranslated(
                    subjects,
                    granule,
                    standard.withLimits(new DmaLimits(Long.MAX_VALUE, 0x1_ffff, 20_000)));
            addTranslated(subjects, granule, DmaHost.forced());
            addTranslated(subjects, granule, DmaHost.untrusted());
        }
        return subjects;
    }

    private static void addDirect(
            List<Subject> subjects, String name, AdapterProperties properties) {
        DmaHost it = new DmaHost();
        TestDevice device = it.direct(properties);
        List<PciFunction> peers = name.equals("direct") ? peers(it) : List.of();
        RandomVectors vectors =
                new RandomVectors(it, List.of(PageFlag.HIGHMEM, PageFlag.PRIVATE), peers);
        subjects.add(new Subject(name, it, device, Reach.ANYTHING, vectors));
    }

    private static List<PciFunction> peers(DmaHost it) {
        return List.of(it.busPeer, it.bridgePeer, it.busPeer);
    }

    private static void addTranslated(
            List<Subject> subjects, long granule, AdapterProperties properties) {
        DmaHost it = new DmaHost(granule, FlushPolicy.STRICT);
        it.pool.memory().segment().fill((byte) 0x5a);
        TestDevice device = it.translated(properties);
        boolean anyPeer =
                !properties.untrusted() && properties.bouncePolicy() != BouncePolicy.ALWAYS;
        RandomVectors vectors =
                new RandomVectors(
                        it,
                        List.of(PageFlag.HIGHMEM, PageFlag.PRIVATE),
                        anyPeer ? peers(it) : List.of(it.busPeer, it.busPeer));
        String name = "granule " + granule + " " + properties;
        Reach reach = properties.untrusted() ? Reach.BYTES : Reach.GRANULES;
        subjects.add(new Subject(name, it, device, reach, vectors));
    }

    @Test
    void shouldShowADeviceTheBytesOfAnyVectorAndNothingElse() {
        long seed = System.nanoTime();
        System.out.println("DmaPropertyTest seed " + seed);
        new SplittableRandom(seed).nextBytes(noise);
        List<Subject> subjects = subjects();
        for (int round = 0; round < ROUNDS; round++) {
            Subject subject = subjects.get(round % subjects.size());
            SplittableRandom random = new SplittableRandom(seed + round);
            try {
                check(subject, structures(subject, random), random);
            } catch (AssertionError | RuntimeException wrong) {
                throw new AssertionError(
                        "seed " + seed + " round " + round + " " + subject.name, wrong);
            }
        }
        assertThat(outcomes.keySet()).containsExactly(IoOutcome.values());
    }

    /// The same bytes as every structure that can tell them.
    private static List<PhysicalVector> structures(Subject subject, SplittableRandom random) {
        List<PhysicalVector> structures = new ArrayList<>();
        List<PhysicalRange> ranges;
        if (random.nextInt(3) == 0) {
            PageVector pages = subject.vectors.pages(random);
            structures.add(pages);
            ranges = new ArrayList<>();
            for (int i = 0; i < pages.count(); i++) {
                ranges.add(new PhysicalRange(pages.address(i), pages.length(i)));
            }
        } else {
            ranges = subject.vectors.elements(random);
        }
        structures.add(new PhysicalRanges(ranges));
        ScatterList list = new ScatterList();
        ranges.forEach(list::add);
        structures.add(list);
        ScatterList longer = new ScatterList().add(0x1000, 0, 7);
        ranges.forEach(longer::add);
        longer.add(0x9000, 0, 9);
        structures.add(new BioVector(longer, 7, list.total()));
        return structures;
    }

    private void check(Subject subject, List<PhysicalVector> structures, SplittableRandom random) {
        PhysicalVector vector = structures.getFirst();
        int at = random.nextInt(LONGEST / 2);
        byte[] sent = Arrays.copyOfRange(noise, at, at + (int) vector.total());
        put(subject, vector, sent);
        List<DmaSegment> expected = List.of();
        for (PhysicalVector structure : structures) {
            try (DmaMapping mapping = subject.device.map(structure, DmaDirection.BIDIRECTIONAL)) {
                List<DmaSegment> segments = comparable(mapping);
                if (!expected.isEmpty() && !expected.equals(segments)) {
                    assertThat(segments).as(structure.toString()).isEqualTo(expected);
                }
                expected = segments;
            }
        }
        DmaMapping mapping = map(subject.device, vector, random);
        outcomes.merge(mapping.outcome(), 1, Integer::sum);
        assertThat(mapping.length()).isEqualTo(sent.length);
        assertThat(Arrays.equals(DmaHost.read(subject.memory(), mapping), sent)).isTrue();
        checkReach(subject, vector, mapping);
        byte[] answer = Arrays.copyOfRange(noise, at + 1, at + 1 + sent.length);
        DmaHost.write(subject.memory(), mapping, answer);
        mapping.close();
        assertThat(Arrays.equals(subject.it.bytes(vector), answer)).isTrue();
        subject.it.assertAllFree();
    }

    private static DmaMapping map(
            DmaDevice device, PhysicalVector vector, SplittableRandom random) {
        return switch (random.nextInt(3)) {
            case 0 -> device.map(vector, DmaDirection.BIDIRECTIONAL);
            case 1 -> device.mapPages(vector, DmaDirection.BIDIRECTIONAL);
            default -> mapInTwoSteps(device, vector, random);
        };
    }

    private static DmaMapping mapInTwoSteps(
            DmaDevice device, PhysicalVector vector, SplittableRandom random) {
        try (DmaTransaction transaction = device.begin(vector, DmaDirection.BIDIRECTIONAL)) {
            transaction.link(random.nextInt(vector.count()));
            transaction.linkAll();
            return transaction.done();
        }
    }

    /// Where a buffer stands is chance, all else is not.
    private static List<DmaSegment> comparable(DmaMapping mapping) {
        return mapping.segments().stream()
                .map(
                        segment ->
                                segment.space() == AddressSpace.BOUNCE
                                        ? new DmaSegment(segment.space(), 0, segment.length())
                                        : segment)
                .toList();
    }

    private static void put(Subject subject, PhysicalVector vector, byte[] bytes) {
        RunList runs = new RunList();
        for (int i = 0; i < vector.count(); i++) {
            assertThat(
                            subject.it
                                    .host
                                    .physicalMemory()
                                    .resolve(vector.address(i), vector.length(i), runs))
                    .isTrue();
        }
        RunList source = new RunList();
        source.add(MemorySegment.ofArray(bytes), 0, bytes.length);
        assertThat(source.copyTo(runs)).isTrue();
    }

    /// Every granule that is mapped is one of a segment's, and shows bytes of the vector or zeros
    /// of a buffer; a trusted adapter may see the rest of an element's granule.
    private static void checkReach(Subject subject, PhysicalVector vector, DmaMapping mapping) {
        if (subject.reach == Reach.ANYTHING) {
            return;
        }
        long granule = subject.it.domain.granule();
        TreeSet<Long> granules = new TreeSet<>();
        for (DmaSegment segment : mapping.segments()) {
            if (segment.space() == AddressSpace.IOVA) {
                long end = segment.address() + segment.length();
                for (long at = segment.address() & -granule; at < end; at += granule) {
                    granules.add(at);
                }
            }
        }
        assertThat(subject.it.domain.statistics().bytesMapped())
                .isEqualTo(granules.size() * granule);
        for (long at : granules) {
            checkGranule(subject.it, subject.reach == Reach.BYTES, vector, mapping, at, granule);
        }
    }

    private static void checkGranule(
            DmaHost it,
            boolean untrusted,
            PhysicalVector vector,
            DmaMapping mapping,
            long iova,
            long granule) {
        List<PhysicalRange> behind = new ArrayList<>();
        it.domain.translate(
                iova, granule, false, (at, length) -> behind.add(new PhysicalRange(at, length)));
        for (PhysicalRange physical : behind) {
            if (!it.pool.contains(physical.address())) {
                assertThat(coveredBytes(vector, physical))
                        .isGreaterThanOrEqualTo(untrusted ? physical.length() : 1);
                return;
            }
        }
        RunList runs = new RunList();
        for (PhysicalRange physical : behind) {
            it.host.physicalMemory().resolve(physical.address(), physical.length(), runs);
        }
        byte[] bytes = new byte[(int) granule];
        runs.copyTo(MemorySegment.ofArray(bytes), 0);
        for (DmaSegment segment : mapping.segments()) {
            if (segment.space() == AddressSpace.IOVA) {
                long from = Math.clamp(segment.address() - iova, 0, granule);
                long to = Math.clamp(segment.address() + segment.length() - iova, 0, granule);
                Arrays.fill(bytes, (int) from, (int) Math.max(from, to), (byte) 0);
            }
        }
        assertThat(MemorySegment.ofArray(bytes).mismatch(ZEROS.asSlice(0, granule))).isEqualTo(-1);
    }

    private static long coveredBytes(PhysicalVector vector, PhysicalRange physical) {
        long covered = 0;
        for (int i = 0; i < vector.count(); i++) {
            long from = Math.max(physical.address(), vector.address(i));
            long to = Math.min(physical.end(), vector.address(i) + vector.length(i));
            covered += Math.max(0, to - from);
        }
        return covered;
    }
}
