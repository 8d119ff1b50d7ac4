package org.softverbs.cli;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.List;
import java.util.Locale;
import org.softverbs.dma.DmaSegment;
import org.softverbs.dma.DmaStatistics;
import org.softverbs.dma.IoOutcome;
import org.softverbs.soft.explain.DmaReport;

/** Writes what became of an I/O as one JSON object. */
final class DmaJson {

    private DmaJson() {}

    static void write(DmaReport report, PrintWriter out) throws IOException {
        DmaStatistics mapping = report.mapping();
        try (JsonGenerator json = new JsonFactory().createGenerator(out)) {
            json.disable(JsonGenerator.Feature.AUTO_CLOSE_TARGET);
            json.writeStartObject();
            writeState(report, json);
            json.writeNumberField("iovaAllocations", mapping.iovaAllocations());
            json.writeNumberField("iovaLength", mapping.iovaBytes());
            json.writeNumberField("iotlbSyncs", mapping.iotlbSyncs());
            json.writeNumberField("bounced", mapping.bouncedBytes());
            json.writeArrayFieldStart("segments");
            for (DmaSegment segment : segments(report)) {
                writeSegment(segment, json);
            }
            json.writeEndArray();
            writeUnmap(report, json);
            json.writeStringField("error", report.error().orElse(null));
            json.writeEndObject();
        }
        out.println();
    }

    private static List<DmaSegment> segments(DmaReport report) {
        return report.mapped().map(DmaReport.Mapped::segments).orElse(List.of());
    }

    private static void writeState(DmaReport report, JsonGenerator json) throws IOException {
        if (report.mapped().isEmpty()) {
            json.writeNullField("state");
            json.writeNullField("stateName");
            return;
        }
        IoOutcome outcome = report.mapped().get().outcome();
        json.writeNumberField("state", outcome.number());
        json.writeStringField("stateName", OutcomeText.name(outcome));
    }

    private static void writeSegment(DmaSegment segment, JsonGenerator json) throws IOException {
        json.writeStartObject();
        json.writeStringField("space", segment.space().name().toLowerCase(Locale.ROOT));
        json.writeStringField("address", "0x" + Long.toHexString(segment.address()));
        json.writeNumberField("length", segment.length());
        json.writeEndObject();
    }

    private static void writeUnmap(DmaReport report, JsonGenerator json) throws IOException {
        DmaStatistics unmapping = report.unmapping();
        json.writeObjectFieldStart("unmap");
        json.writeNumberField(
                "needsStoredAddresses",
                report.mapped().map(DmaReport.Mapped::storedAddresses).orElse(0));
        json.writeNumberField("iovaFrees", unmapping.iovaFrees());
        json.writeNumberField("iotlbFlushes", unmapping.iotlbFlushes());
        json.writeEndObject();
    }
}
