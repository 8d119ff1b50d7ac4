package org.softverbs.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.Collections;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// `softverbs explain rw`: elements or registrations, and why. A list of 256 pages unless said.
class ExplainRwTest {

    private static final Pattern REQUEST =
            Pattern.compile("\\{\"opcode\":\"([A-Z_]+)\",\"sges\":(\\d+),\"bytes\":(\\d+)}");

    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    private int run(String line) {
        String[] args = ("explain rw " + line).strip().split(" +", -1);
        return Softverbs.run(new PrintWriter(out, true), new PrintWriter(err, true), args);
    }

    private static String pages(int count) {
        return " --sgl " + String.join(",", Collections.nCopies(count, "4096"));
    }

    private String json(String line) {
        run(line + " --json");
        assertThat(err.toString()).isEmpty();
        assertThat(out.toString().lines().count()).isEqualTo(1);
        return out.toString();
    }

    @ParameterizedTest
    @CsvSource({
        "rxe,  read,  '',                            MULTI,  0, 8, go into 8 requests",
        "rxe,  write, '',                            MULTI,  0, 8, go into 8 requests",
        "rxe,  read,  --max-sgl-rd 16,               MR,     1, 2, above the 16",
        "rxe,  write, --max-sgl-rd 16,               MULTI,  0, 8, go into 8 requests",
        "rxe,  read,  --max-sgl-rd 16 --mr-pool 0,   MULTI,  0, 8, no registration is free",
        "rxe,  read,  --max-sgl-rd 256,              MULTI,  0, 8, go into 8 requests",
        "rxe,  read,  --force-mr,                    MR,     1, 2, forced",
        "rxe,  write, --force-mr,                    MR,     1, 2, forced",
        "rxe,  read,  --max-sge 1,                   MULTI,  0, 256, go into 256 requests",
        "rxe,  read,  --addressing virtual,          MULTI,  0, 8, go into 8 requests",
        "rxe,  read,  --api bvec,                    MULTI,  0, 8, go into 8 requests",
        "rxe,  read,  --api bvec --force-mr,         MR,     1, 2, forced",
        "siw,  read,  '',                            MR,     1, 2, iWARP READ names its sink",
        "siw,  read,  --api bvec,                    MR,     1, 2, iWARP READ names its sink",
        "siw,  write, '',                            MULTI,  0, 8, go into 8 requests",
        "hca,  read,  '',                            SINGLE, 0, 1, the IOMMU made one range",
        "hca,  read,  --max-sgl-rd 16,               SINGLE, 0, 1, the IOMMU made one range",
        "hca,  read,  --api bvec,                    IOVA,   0, 1, the IOMMU made one range",
        "hca,  write, --api bvec,                    IOVA,   0, 1, the IOMMU made one range",
        "hca,  read,  --iommu off,                   MULTI,  0, 8, go into 8 requests",
        "hca,  read,  --iommu off --max-sgl-rd 16,   MR,     1, 2, above the 16",
        "hca,  read,  --swiotlb force,               SINGLE, 0, 1, once they are mapped"
    })
    void shouldDecideOnTheSegmentsAfterMapping(
            String device,
            String direction,
            String options,
            String decision,
            int registrations,
            int requests,
            String reason) {
        String json =
                json(
                        "--device "
                                + device
                                + " --direction "
                                + direction
                                + " "
                                + options
                                + pages(256));
        assertThat(json)
                .contains("\"decision\":\"" + decision + "\"", reason, "\"error\":null")
                .contains("\"registrations\":" + registrations);
        assertThat(REQUEST.matcher(json).results().count()).isEqualTo(requests);
        assertThat(
                        REQUEST.matcher(json)
                                .results()
                                .mapToLong(it -> Long.parseLong(it.group(3)))
                                .sum())
                .isEqualTo(256L * 4096);
    }

    @ParameterizedTest
    @ValueSource(strings = {"--api sg", "--api bvec"})
    void shouldDescribeOneElementByOneElement(String api) {
        assertThat(json("--device rxe --direction read --sgl 4096 " + api))
                .contains("\"decision\":\"SINGLE\"", "one element is one segment");
    }

    @Test
    void shouldTakeNoRegistrationForNeighbours() {
        assertThat(
                        json(
                                "--device rxe --direction read --max-sgl-rd 1 --sgl"
                                        + " 4096,4096@adjacent,8192@adjacent"))
                .contains("\"decision\":\"SINGLE\"", "3 elements are one segment");
    }

    @Test
    void shouldNotFailForABioVectorThatTheIommuCannotJoin() {
        assertThat(json("--device hca --direction write --api bvec --sgl 4096,1000+96,4096"))
                .contains("\"decision\":\"MULTI\"", "\"sges\":3");
    }

    @Test
    void shouldNameTheOperationsOfAnIwarpRead() {
        String json = json("--device siw --direction read" + pages(2));
        assertThat(REQUEST.matcher(json).results().map(it -> it.group(1)))
                .containsExactly("REG_MR", "RDMA_READ_WITH_INV");
    }

    @ParameterizedTest
    @CsvSource({
        "--device rxe --direction read --force-mr --mr-pool 0 --sgl 4096, too few registrations",
        "--device siw --direction read --mr-pool 0 --sgl 4096, too few registrations",
        "--device rxe --addressing virtual --direction read --sgl 4096@highmem, high memory"
    })
    void shouldPrintTheObjectWithTheErrorAndFail(String line, String error) {
        assertThat(run(line + " --json")).isEqualTo(1);
        assertThat(out.toString())
                .startsWith("{\"decision\":null,\"reason\":null,\"registrations\":0,")
                .contains("\"workRequests\":[]", error);
        assertThat(run(line)).isEqualTo(1);
        assertThat(err.toString()).startsWith("softverbs explain rw: ").contains(error);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "--max-sge 0",
                "--max-sge 33",
                "--max-sgl-rd -1",
                "--mr-pool -1",
                "--mr-pool 4097"
            })
    void shouldRefuseNumbersOutOfRangeAndNameThem(String option) {
        assertThat(run("--device rxe --direction read --sgl 4096 " + option)).isEqualTo(2);
        assertThat(err.toString()).contains(option.split(" ", -1)[0]).contains("not within");
    }

    @Test
    void shouldTellItToAReader() {
        assertThat(run("--device siw --direction read" + pages(20))).isZero();
        assertThat(out.toString())
                .contains("20 elements, 20 segments once mapped")
                .contains("decision   MR: an iWARP READ")
                .contains("RDMA_READ_WITH_INV")
                .contains("built only");
    }
}
