package org.softverbs.soft.device;

import org.jspecify.annotations.Nullable;
import org.softverbs.soft.queue.SendOperation;
import org.softverbs.soft.queue.SendWqe;
import org.softverbs.soft.queue.SgeList;
import org.softverbs.soft.sanitize.PostedRequest;
import org.softverbs.soft.sanitize.RequestLedger;
import org.softverbs.verbs.AccessFlag;

/// Tells the sanitizer of send requests.
final class RequestDescription {

    private RequestDescription() {}

    /// What the sanitizer is to know of a request.
    ///
    /// @param registered what a fast registration makes valid, if that is what it does
    static PostedRequest of(
            SoftQueuePair queuePair,
            SendWqe wqe,
            @Nullable SoftFastRegion registered,
            RequestLedger requests) {
        SendOperation operation = wqe.operation();
        PostedRequest request =
                requests.request(queuePair.number(), false, wqe.id(), operation.hasResponse());
        for (int i = 0; i < wqe.elements().count(); i++) {
            SgeList elements = wqe.elements();
            request.element(elements.address(i), elements.length(i), elements.localKey(i));
            if (!operation.hasResponse()) {
                noteSent(queuePair, request, elements.address(i), elements.length(i));
            }
        }
        if (wqe.isFenced()) {
            request.fenced();
        }
        switch (operation) {
            case LOCAL_INVALIDATE -> request.changesKey(wqe.immediateOrKey());
            case BIND_MEMORY_WINDOW -> request.changesKey(wqe.remoteKey());
            case REGISTER_MEMORY -> describe(request, wqe, registered);
            default -> {}
        }
        return request;
    }

    private static void noteSent(
            SoftQueuePair queuePair, PostedRequest request, long address, long length) {
        queuePair
                .device()
                .host()
                .userBytes(address, length)
                .ifPresent(bytes -> request.sends(address, bytes));
    }

    private static void describe(
            PostedRequest request, SendWqe wqe, @Nullable SoftFastRegion region) {
        if (region != null) {
            boolean zeroBased = (wqe.accessBits() & AccessFlag.ZERO_BASED.bit()) != 0;
            long address = zeroBased ? 0 : region.address();
            request.registers(wqe.remoteKey(), address, region.ranges(), region.isLinear());
        }
    }
}
