package org.softverbs.soft.device;

import org.softverbs.soft.queue.ReceiveWqe;
import org.softverbs.soft.queue.SgeList;
import org.softverbs.soft.sanitize.PostedRequest;
import org.softverbs.soft.sanitize.RequestLedger;
import org.softverbs.verbs.Errno;
import org.softverbs.verbs.ReceiveCursor;
import org.softverbs.verbs.ReceiveWorkRequest;
import org.softverbs.verbs.Sge;
import org.softverbs.verbs.VerbsException;

/// Builds a receive request in a slot of its own and copies it into the queue when it is posted.
final class SoftReceiveCursor implements ReceiveCursor {

    private static final String POST_RECEIVE = "postReceive";

    private final SoftQueuePair queuePair;
    private final ReceiveWqe wqe;
    private boolean begun;

    SoftReceiveCursor(SoftQueuePair queuePair) {
        this.queuePair = queuePair;
        this.wqe = new ReceiveWqe(queuePair.capabilities().maxReceiveSge());
    }

    @Override
    public ReceiveCursor receive(long id) {
        wqe.begin(id);
        begun = true;
        return this;
    }

    @Override
    public ReceiveCursor element(long address, int length, int localKey) {
        if (!wqe.elements().add(address, length, localKey)) {
            throw new VerbsException(
                    Errno.EINVAL,
                    POST_RECEIVE,
                    "more than the queue pair's maxReceiveSge of "
                            + wqe.elements().capacity()
                            + " elements");
        }
        return this;
    }

    void set(ReceiveWorkRequest request) {
        receive(request.id());
        for (Sge element : request.elements()) {
            element(element.address(), element.length(), element.localKey());
        }
    }

    @Override
    public void post() {
        if (!tryPost()) {
            throw new VerbsException(
                    Errno.ENOMEM,
                    POST_RECEIVE,
                    "the receive queue of "
                            + queuePair.capabilities().maxReceiveRequests()
                            + " requests is full");
        }
    }

    @Override
    public boolean tryPost() {
        if (!begun) {
            throw new IllegalStateException("no receive was begun on this cursor");
        }
        RequestLedger requests = queuePair.device().keys().requests();
        if (!queuePair.offerReceive(wqe, requests == null ? null : describe(requests))) {
            return false;
        }
        begun = false;
        return true;
    }

    /// What the sanitizer is to know of the request.
    private PostedRequest describe(RequestLedger requests) {
        PostedRequest request = requests.request(queuePair.number(), true, wqe.id(), true);
        for (int i = 0; i < wqe.elements().count(); i++) {
            SgeList elements = wqe.elements();
            request.element(elements.address(i), elements.length(i), elements.localKey(i));
        }
        return request;
    }
}
