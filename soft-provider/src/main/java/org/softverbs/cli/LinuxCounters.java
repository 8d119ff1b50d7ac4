package org.softverbs.cli;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What a device counts by the names of the hardware counters of Linux's rxe.
 *
 * <p>{@code ack_deferred} is always 0: it counts the times that rxe leaves a response to another
 * thread, and here there is one.
 */
final class LinuxCounters {

    private static final Map<String, String> NAMES = names();

    private LinuxCounters() {}

    private static Map<String, String> names() {
        Map<String, String> names = new LinkedHashMap<>();
        names.put("sent_pkts", "sent_packets");
        names.put("rcvd_pkts", "received_packets");
        names.put("duplicate_request", "duplicate_requests");
        names.put("out_of_seq_request", "out_of_sequence_requests");
        names.put("rcvd_rnr_err", "received_rnr_naks");
        names.put("send_rnr_err", "sent_rnr_naks");
        names.put("rcvd_seq_err", "received_sequence_naks");
        names.put("ack_deferred", "");
        names.put("retry_exceeded_err", "retries_exceeded");
        names.put("retry_rnr_exceeded_err", "rnr_retries_exceeded");
        names.put("completer_retry_err", "retries");
        names.put("send_err", "link_send_failures");
        names.put("link_downed", "link_downed");
        names.put("rdma_sends", "completed_sends");
        names.put("rdma_recvs", "completed_receives");
        return names;
    }

    static Map<String, Long> of(Map<String, Long> counters) {
        Map<String, Long> values = new LinkedHashMap<>();
        NAMES.forEach((name, ours) -> values.put(name, counters.getOrDefault(ours, 0L)));
        return values;
    }
}
