package org.softverbs.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.Collections;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.softverbs.junit.Provokes;
import org.softverbs.sanitizer.Finding;

/// `softverbs explain dma`: what it prints is what the layers counted.
class ExplainDmaTest {

    private static final String NOTHING =
            "{\"state\":null,\"stateName\":null,\"iovaAllocations\":0,\"iovaLength\":0,"
                    + "\"iotlbSyncs\":0,\"bounced\":0,\"segments\":[],\"unmap\":"
                    + "{\"needsStoredAddresses\":0,\"iovaFrees\":0,\"iotlbFlushes\":0},\"error\":";

    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    private int run(String line) {
        out.getBuffer().setLength(0);
        err.getBuffer().setLength(0);
        String[] args = ("explain dma " + line).strip().split(" +", -1);
        return Softverbs.run(new PrintWriter(out, true), new PrintWriter(err, true), args);
    }

    /// The one line that `--json` prints.
    private String json(String line) {
        run(line + " --json");
        assertThat(err.toString()).isEmpty();
        assertThat(out.toString().lines().count()).isEqualTo(1);
        return out.toString().strip();
    }

    private static String pages(int count) {
        return String.join(",", Collections.nCopies(count, "4096"));
    }

    private static String counts(int allocations, long length, int syncs) {
        return "\"iovaAllocations\":%d,\"iovaLength\":%d,\"iotlbSyncs\":%d"
                .formatted(allocations, length, syncs);
    }

    private static String unmap(int stored, int frees, int flushes) {
        return "\"unmap\":{\"needsStoredAddresses\":%d,\"iovaFrees\":%d,\"iotlbFlushes\":%d}"
                .formatted(stored, frees, flushes);
    }

    @Test
    void shouldPrintAPeerOnTheBusBetweenMemoryAsOneObject() {
        assertThat(json("--device hca --iommu on --sgl 4096,4096@p2p-bus,4096"))
                .isEqualTo(
                        "{\"state\":3,\"stateName\":\"iova-with-bus\",\"iovaAllocations\":1,"
                                + "\"iovaLength\":8192,\"iotlbSyncs\":1,\"bounced\":0,\"segments\":["
                                + "{\"space\":\"iova\",\"address\":\"0xffffe000\",\"length\":4096},"
                                + "{\"space\":\"bus\",\"address\":\"0x300000000000\",\"length\":4096},"
                                + "{\"space\":\"iova\",\"address\":\"0xfffff000\",\"length\":4096}],"
                                + "\"unmap\":{\"needsStoredAddresses\":0,\"iovaFrees\":1,"
                                + "\"iotlbFlushes\":1},\"error\":null}");
    }

    @Test
    void shouldAllocateForEachPageOfALoopAndOnceOtherwise() {
        String list = "--device hca --sgl " + pages(256);
        assertThat(json(list + " --api page-loop"))
                .contains(counts(256, 1 << 20, 256))
                .contains(unmap(256, 256, 256));
        for (String api : new String[] {"two-step", "sg"}) {
            assertThat(json(list + " --api " + api))
                    .contains("\"state\":2,", counts(1, 1 << 20, 1), unmap(0, 1, 1));
        }
        assertThat(json("--device hca --api page-loop --sgl 4096,8192@p2p-bus"))
                .contains("\"state\":3,", counts(1, 4096, 1), unmap(1, 1, 1));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            value = {
                "--device rxe --sgl 4096;1;direct",
                "--device siw --addressing virtual --sgl 100,100@adjacent;1;direct",
                "--device hca --iommu off --sgl 4096,4096@p2p-bus;1;direct",
                "--device hca --sgl 4096,4096;2;iova-single",
                "--device hca --sgl 2048+2048,4096,100;2;iova-single",
                "--device hca --sgl 4096@highmem;2;iova-single",
                "--device hca --sgl 4096@p2p-bridge;2;iova-single",
                "--device rxe --addressing iova --iommu on --sgl 4096;2;iova-single",
                "--device siw --addressing iova --sgl 4096;1;direct",
                "--device hca --sgl 4096@p2p-bus;3;iova-with-bus",
                "--device hca --sgl 4096,4096@private;4;bounce-single",
                "--device hca --iommu off --mask 32 --sgl 4096;4;bounce-single",
                "--device hca --iommu off --mask 32 --sgl 4096,4096;5;bounce-several",
                "--device hca --swiotlb force --sgl 100+1,100+2;5;bounce-several",
                "--device hca --sgl 4096,1024+512,4096;6;iova-split",
                "--device hca --granule 65536 --sgl 4096,4096;6;iova-split"
            })
    void shouldNameTheOutcome(String line, int state, String name) {
        assertThat(json(line))
                .startsWith("{\"state\":" + state + ",\"stateName\":\"" + name + "\",")
                .endsWith("\"error\":null}");
    }

    @Test
    void shouldCountBouncedBytesAndAddressesThatMustBeKept() {
        assertThat(json("--device hca --iommu off --mask 32 --sgl 4096,100"))
                .contains("\"bounced\":4196", unmap(2, 0, 0))
                .containsPattern("\"bounce\",[^}]*4096}.*\"bounce\",[^}]*100}");
        assertThat(json("--device hca --swiotlb force --sgl 4096,100"))
                .contains("\"bounced\":4196", counts(1, 8192, 1), unmap(2, 1, 1))
                .containsPattern("\"segments\":\\[\\{\"space\":\"iova\",[^}]*4196}]");
    }

    @Test
    void shouldTakeNoIovaForPeersOnTheBusAlone() {
        assertThat(json("--device hca --sgl 4096@p2p-bus"))
                .contains(counts(0, 0, 0), unmap(0, 0, 0), "\"space\":\"bus\"");
    }

    @Test
    void shouldSayClearlyWhatCannotBeReached() {
        assertThat(run("--device rxe --addressing virtual --sgl 4096@highmem")).isEqualTo(1);
        assertThat(out.toString()).isEmpty();
        assertThat(err.toString().lines()).hasSize(1);
        assertThat(err.toString())
                .startsWith("softverbs explain dma: map: element 0")
                .contains("is high memory, which has no kernel virtual address");
        assertThat(run("--device rxe --addressing physical --sgl 4096@highmem")).isZero();
        assertThat(run("--device hca --sgl 4096,4096@p2p-none")).isEqualTo(1);
        assertThat(err.toString()).contains("element 1", "which the adapter cannot reach");
    }

    @Test
    void shouldBounceAPeerThatCannotBeReachedWhenAskedTo() {
        assertThat(json("--device hca --peers bounce --sgl 4096,4096@p2p-none"))
                .contains("\"bounced\":4096", counts(1, 8192, 1), unmap(0, 1, 1));
    }

    @Test
    @Provokes(value = Finding.BEYOND_MASK, because = "the mask is too small")
    void shouldPrintTheObjectOfAnErrorToo() {
        assertThat(json("--device hca --iommu off --mask 32 --swiotlb off --sgl 4096"))
                .startsWith(NOTHING + "\"map: element 0")
                .contains("beyond the adapter's mask of 0xffffffff, and nothing may be bounced");
        assertThat(run("--device hca --swiotlb force --sgl 1000000 --json")).isEqualTo(1);
        assertThat(out.toString()).startsWith(NOTHING).contains("the largest has");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "--sgl 4096",
                "--device hca",
                "--device xyz --sgl 4096",
                "--device hca --addressing physical --sgl 4096",
                "--device hca --addressing virtual --sgl 4096",
                "--device hca --granule 5000 --sgl 4096",
                "--device hca --granule 2048 --sgl 4096",
                "--device hca --mask 0 --sgl 4096",
                "--device hca --mask 65 --sgl 4096",
                "--device hca --api loop --sgl 4096",
                "--device hca --sgl 4096@nowhere",
                "--device hca --sgl 0"
            })
    void shouldRefuseAWrongCommandLine(String line) {
        assertThat(run(line)).isEqualTo(2);
        assertThat(out.toString()).isEmpty();
        assertThat(err.toString()).contains("Try 'softverbs explain dma --help'.");
    }

    @Test
    void shouldSayWhyAnHcaHasNoPhysicalAddressing() {
        run("--device hca --addressing physical --sgl 4096");
        assertThat(err.toString()).contains("an hca is an adapter on the bus and has no physical");
    }

    /// A gigabyte is a matter of a few pages: only its ends are looked at.
    @Test
    void shouldExplainAGigabyteWithAPeerInTheMiddle() {
        assertThat(json("--device hca --sgl 536866816,4096@p2p-bus,536870912"))
                .contains("\"state\":3,", counts(1, 0x3fff_f000L, 1));
    }

    @Test
    void shouldTellAStoryWithoutJson() {
        assertThat(run("--device hca --sgl 2048+2048,4096,1000@adjacent")).isZero();
        assertThat(out.toString())
                .contains("behind an IOMMU with a granule of 4096")
                .contains("the list: 3 elements, 7144 bytes")
                .contains("the device is given: 1 segment")
                .contains("elements 0 to 2")
                .contains("mapping    1 IOVA allocation of 12288 bytes, 1 IOTLB sync, 0 bytes")
                .contains("undoing    0 addresses kept for it, 1 IOVA free, 1 IOTLB flush")
                .contains("data       7144 bytes read and 7144 written")
                .contains("first and last page of each element and each segment")
                .contains("state 2, iova-single")
                .contains("The IOMMU makes one piece of it");
        assertThat(out.toString().lines().filter(line -> line.length() > 110)).isEmpty();
        assertThat(run("--device rxe --sgl " + pages(20) + " --mask 32 --iommu on")).isZero();
        assertThat(out.toString())
                .contains("It has no mask, no bounce buffer and no IOMMU")
                .contains("... and 4 more");
    }
}
