package org.softverbs.cli;

import java.io.PrintWriter;
import java.util.Locale;
import org.softverbs.rw.ReadWriteDecision;
import org.softverbs.soft.explain.RwChoice;
import org.softverbs.soft.explain.RwReport;

/** Tells what became of an RDMA READ or WRITE to somebody who reads it. */
final class RwAccount {

    private static final int MOST_LINES = 16;

    private final RwChoice choice;
    private final int elements;
    private final RwReport report;

    RwAccount(RwChoice choice, int elements, RwReport report) {
        this.choice = choice;
        this.elements = elements;
        this.report = report;
    }

    /** Prints an account of an I/O that went well. */
    void print(PrintWriter out) {
        report.decision().ifPresent(decision -> print(decision, out));
    }

    private void print(ReadWriteDecision decision, PrintWriter out) {
        out.printf(
                Locale.ROOT,
                "device     %s, %s%n",
                choice.device().kind(),
                DmaAccount.attachment(choice.device()));
        out.printf(
                Locale.ROOT,
                "memory     %s, %s once mapped%n",
                DmaAccount.count(elements, "element"),
                DmaAccount.count(report.segments(), "segment"));
        out.println();
        out.printf(Locale.ROOT, "decision   %s: %s%n", decision.strategy(), decision.reason());
        out.printf(
                Locale.ROOT,
                "uses       %s%n",
                DmaAccount.count(report.registrations(), "registration"));
        out.println();
        out.println("work requests, in order");
        for (int i = 0; i < Math.min(report.requests().size(), MOST_LINES); i++) {
            RwReport.Request request = report.requests().get(i);
            out.printf(
                    Locale.ROOT,
                    "  %4d  %-18s %11s  %11d bytes%n",
                    i,
                    request.opcode(),
                    DmaAccount.count(request.sges(), "element"),
                    request.bytes());
        }
        DmaAccount.printRest(report.requests().size(), out);
        out.println();
        out.println(
                report.movedBytes() > 0
                        ? "moved      %d bytes, all right".formatted(report.movedBytes())
                        : "moved      nothing: the requests were built only (iWARP, or above 16"
                                + " MiB)");
    }
}
