package org.softverbs.cli;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.softverbs.sim.Campaign;
import org.softverbs.sim.Fault;
import org.softverbs.sim.FaultKind;
import org.softverbs.sim.InvariantViolation;
import org.softverbs.sim.Simulation;

/** What came of a campaign, for people and for programs. */
final class SimulationAccount {

    private final CampaignOptions options;
    private final Campaign.Summary summary;
    private final double seconds;
    private final @Nullable FailureRecord kept;

    /** {@code kept} is what was written down of the failure, if there is one. */
    SimulationAccount(
            CampaignOptions options,
            Campaign.Summary summary,
            double seconds,
            @Nullable FailureRecord kept) {
        this.kept = kept;
        this.options = options;
        this.summary = summary;
        this.seconds = Math.max(seconds, 1e-9);
    }

    static void progress(Campaign.Summary soFar, double seconds, PrintWriter err) {
        err.println(rates(soFar, seconds));
    }

    private static String rates(Campaign.Summary summary, double seconds) {
        return String.format(
                Locale.ROOT,
                "%d runs, %d violations, %d events in %.1f s: %.0f runs/s, %.0f events/s,"
                        + " %.1f s of virtual time",
                summary.runs(),
                summary.violations(),
                summary.events(),
                seconds,
                summary.runs() / seconds,
                summary.events() / seconds,
                summary.virtualNanos() / 1e9);
    }

    boolean isGood() {
        return summary.violations() == 0;
    }

    void print(PrintWriter out) {
        out.println(rates(summary, seconds));
        out.println("trace hash " + hash(summary.traceHash()));
        for (Map.Entry<FaultKind, Long> fault : summary.faults().entrySet()) {
            out.printf(Locale.ROOT, "  %-20s %d%n", fault.getKey(), fault.getValue());
        }
        summary.failure().ifPresent(failure -> print(failure, out));
        if (isGood()) {
            out.println("No invariant was broken.");
        }
    }

    private void print(Campaign.Failure failure, PrintWriter out) {
        Simulation.Result result = failure.result();
        InvariantViolation violation = result.violation();
        out.println();
        out.println("FAILED: " + failure.scenario().name() + ", seed " + result.seed());
        out.println(violation == null ? "" : violation.getMessage());
        out.println("commit " + options.commit());
        if (kept == null) {
            return;
        }
        out.println(
                switch (kept.end()) {
                    case DONE -> "faults that matter (" + kept.plan().size() + "):";
                    case OUT_OF_TIME ->
                            "faults, not shrunk to the end (" + kept.plan().size() + "):";
                    case NOT_AGAIN ->
                            "faults that were done; listed, they did not break it again ("
                                    + kept.plan().size()
                                    + "):";
                });
        kept.plan().forEach(fault -> out.println("  " + fault));
        out.println("written to " + kept.directory() + "; see it again with");
        out.println("  " + options.replay(failure.scenario(), result.seed(), kept));
        print(kept.script(), out);
    }

    private static void print(FailureRecord.Script script, PrintWriter out) {
        if (script.file().isPresent()) {
            out.println("what happened to " + script.queuePair() + " alone is a packet script:");
            out.println("  ./softverbs rpkt " + script.file().get());
        } else {
            String of = script.queuePair().isEmpty() ? "" : " of " + script.queuePair();
            out.println("there is no packet script" + of + ": " + script.obstacle());
        }
    }

    private static String hash(long value) {
        return String.format("%016x", value);
    }

    void writeJson(PrintWriter out) throws IOException {
        try (JsonGenerator json = new JsonFactory().createGenerator(out)) {
            json.disable(JsonGenerator.Feature.AUTO_CLOSE_TARGET);
            json.writeStartObject();
            json.writeStringField("scenario", options.scenario());
            json.writeNumberField("from", options.from());
            json.writeNumberField("seeds", summary.runs());
            json.writeNumberField("violations", summary.violations());
            json.writeNumberField("events", summary.events());
            json.writeNumberField("eventsPerSecond", Math.round(summary.events() / seconds));
            json.writeNumberField("seedsPerSecond", Math.round(summary.runs() / seconds));
            json.writeObjectFieldStart("faults");
            for (Map.Entry<FaultKind, Long> fault : summary.faults().entrySet()) {
                json.writeNumberField(fault.getKey().name(), fault.getValue());
            }
            json.writeEndObject();
            json.writeStringField("traceHash", hash(summary.traceHash()));
            json.writeFieldName("failure");
            if (summary.failure().isPresent()) {
                write(summary.failure().get(), json);
            } else {
                json.writeNull();
            }
            json.writeEndObject();
        }
        out.println();
    }

    private void write(Campaign.Failure failure, JsonGenerator json) throws IOException {
        Simulation.Result result = failure.result();
        InvariantViolation violation = result.violation();
        json.writeStartObject();
        json.writeStringField("scenario", failure.scenario().name());
        json.writeNumberField("seed", result.seed());
        json.writeNumberField("nodes", options.nodesOf(failure.scenario()));
        if (violation != null) {
            json.writeStringField("invariant", violation.invariant());
            json.writeStringField("message", violation.getMessage());
        }
        json.writeStringField("commit", options.commit());
        Path source = options.source();
        json.writeStringField("source", source == null ? null : source.toString());
        if (kept != null) {
            json.writeStringField("shrinking", kept.end().name());
            json.writeArrayFieldStart("plan");
            for (Fault fault : kept.plan()) {
                json.writeString(fault.toString());
            }
            json.writeEndArray();
            json.writeStringField("planFile", kept.planFile().toString());
            json.writeStringField("trace", kept.trace().toString());
            json.writeStringField("pcap", kept.pcap().toString());
        }
        Path script = kept == null ? null : kept.script().file().orElse(null);
        json.writeStringField("script", script == null ? null : script.toString());
        json.writeEndObject();
    }
}
