package org.softverbs.cli;

import java.io.PrintWriter;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.softverbs.verbs.DeviceResources;
import picocli.CommandLine.Command;

/** Shows what is open on running devices. */
@Command(
        name = "resources",
        description = {
            "Show what is open on the devices of running programs, as 'rdma resource' does, and what"
                    + " each queue pair waits for."
        },
        mixinStandardHelpOptions = true,
        versionProvider = SoftverbsVersion.class,
        sortOptions = false)
final class ResourcesCommand extends ObservingCommand {

    @Override
    Map<String, Object> facts(RunningDevices.Running running) {
        DeviceResources resources = running.bean().getResources();
        Map<String, Object> facts = new LinkedHashMap<>();
        facts.put("protectionDomains", resources.protectionDomains());
        facts.put("completionQueues", resources.completionQueues());
        facts.put("queuePairs", resources.queuePairs());
        facts.put("sharedReceiveQueues", resources.sharedReceiveQueues());
        facts.put("memoryRegions", resources.memoryRegions());
        facts.put("connectionIds", resources.connectionIds());
        return facts;
    }

    @Override
    void print(PrintWriter out, RunningDevices.Running running) {
        DeviceResources resources = running.bean().getResources();
        resources
                .protectionDomains()
                .forEach(it -> out.printf("  pd %d  users %d%n", it.number(), it.users()));
        resources
                .completionQueues()
                .forEach(
                        it ->
                                out.printf(
                                        "  cq %d  cqe %d  users %d%s%s%n",
                                        it.number(),
                                        it.entries(),
                                        it.users(),
                                        it.empty() ? "" : "  has completions",
                                        it.lost() == 0 ? "" : "  LOST " + it.lost()));
        resources.queuePairs().forEach(it -> print(out, it));
        resources
                .sharedReceiveQueues()
                .forEach(
                        it ->
                                out.printf(
                                        "  srq %d  pd %d  receives %d of %d  limit %d  users %d%n",
                                        it.number(),
                                        it.protectionDomain(),
                                        it.receives(),
                                        it.capacity(),
                                        it.limit(),
                                        it.users()));
        resources
                .memoryRegions()
                .forEach(
                        it ->
                                out.printf(
                                        "  mr lkey %s  pd %d  address 0x%x  length %d  %s%n",
                                        hexadecimal(it.localKey()),
                                        it.protectionDomain(),
                                        it.address(),
                                        it.length(),
                                        String.join(",", it.access())));
        resources
                .connectionIds()
                .forEach(
                        it ->
                                out.printf(
                                        "  cm_id %s  state %s  %s%s%s%n",
                                        it.portSpace(),
                                        it.state(),
                                        it.local(),
                                        it.peer().isEmpty() ? "" : "  to " + it.peer(),
                                        it.queuePair() == 0
                                                ? ""
                                                : "  qp " + hexadecimal(it.queuePair())));
    }

    private static void print(PrintWriter out, DeviceResources.QueuePairEntry it) {
        out.printf(
                "  qp %s  type %s  state %s  pd %d  cq %d,%d  sends %d of %d  receives %d",
                hexadecimal(it.number()),
                it.type(),
                it.state(),
                it.protectionDomain(),
                it.sendCompletionQueue(),
                it.receiveCompletionQueue(),
                it.sends(),
                it.sendCapacity(),
                it.receives());
        if (!it.peer().isEmpty()) {
            out.printf("  peer %s qp %s", it.peer(), hexadecimal(it.peerNumber()));
        }
        if (it.sendPsn() >= 0) {
            out.printf("  sq-psn %d", it.sendPsn());
        }
        if (it.receivePsn() >= 0) {
            out.printf("  rq-psn %d", it.receivePsn());
        }
        out.println();
        printEach(out, "waits for ", it.waitsFor());
        printEach(
                out,
                "failed first: ",
                it.firstError().isEmpty() ? List.of() : List.of(it.firstError()));
    }

    private static void printEach(PrintWriter out, String title, List<String> lines) {
        lines.forEach(line -> out.println("      " + title + line));
    }
}
