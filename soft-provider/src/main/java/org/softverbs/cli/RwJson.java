package org.softverbs.cli;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;
import java.io.PrintWriter;
import org.softverbs.rw.ReadWriteDecision;
import org.softverbs.soft.explain.RwReport;

/** Writes what became of an RDMA READ or WRITE as one JSON object. */
final class RwJson {

    private RwJson() {}

    static void write(RwReport report, PrintWriter out) throws IOException {
        try (JsonGenerator json = new JsonFactory().createGenerator(out)) {
            json.disable(JsonGenerator.Feature.AUTO_CLOSE_TARGET);
            json.writeStartObject();
            json.writeStringField(
                    "decision", report.decision().map(it -> it.strategy().name()).orElse(null));
            json.writeStringField(
                    "reason", report.decision().map(ReadWriteDecision::reason).orElse(null));
            json.writeNumberField("registrations", report.registrations());
            json.writeArrayFieldStart("workRequests");
            for (RwReport.Request request : report.requests()) {
                json.writeStartObject();
                json.writeStringField("opcode", request.opcode());
                json.writeNumberField("sges", request.sges());
                json.writeNumberField("bytes", request.bytes());
                json.writeEndObject();
            }
            json.writeEndArray();
            json.writeStringField("error", report.error().orElse(null));
            json.writeEndObject();
        }
        out.println();
    }
}
