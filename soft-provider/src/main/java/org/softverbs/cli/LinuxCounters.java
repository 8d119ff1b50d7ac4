package org.softverbs.cli;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What a device counts by the names of the hardware counters of Linux's rxe.
 *
 * <p>{@code ack_deferred} is always 0: it counts the times that rxe leaves a response to another
 * thread, and here there is one.
 */
final class LinuxCounters {

    private static final Map<String, List<String>> NAMES = names();

    private LinuxCounters() {}

    private static Map<String, List<String>> names() {
        Map<String, List<String>> names = new LinkedHashMap<>();
        names.put("sent_pkts", List.of("sent_packets"));
        names.put("rcvd_pkts", List.of("received_packets"));
        names.put("duplicate_request", List.of("duplicate_requests"));
        names.put("out_of_seq_request", List.of("out_of_sequence_requests"));
        names.put("rcvd_rnr_err", List.of("received_rnr_naks"));
        names.put("send_rnr_err", List.of("sent_rnr_naks"));
        names.put("rcvd_seq_err", List.of("received_sequence_naks"));
        names.put("ack_deferred", List.of());
        names.put("retry_exceeded_err", List.of("retries_exceeded"));
        names.put("retry_rnr_exceeded_err", List.of("rnr_retries_exceeded"));
        names.put("completer_retry_err", List.of("retries"));
        names.put("send_err", List.of("link_send_failures"));
        names.put("link_downed", List.of("link_downed"));
        names.put("rdma_sends", List.of("completed_sends"));
        names.put("rdma_recvs", List.of("completed_receives"));
        return names;
    }

    static Map<String, Long> of(Map<String, Long> counters) {
        Map<String, Long> values = new LinkedHashMap<>();
        NAMES.forEach(
                (name, ours) ->
                        values.put(
                                name,
                                ours.stream()
                                        .mapToLong(it -> counters.getOrDefault(it, 0L))
                                        .sum()));
        return values;
    }
}
