package org.softverbs.soft.device;

import java.util.List;
import org.softverbs.soft.queue.ReceiveWqe;
import org.softverbs.soft.queue.SgeList;
import org.softverbs.soft.sanitize.PostedRequest;
import org.softverbs.soft.sanitize.RequestLedger;
import org.softverbs.verbs.Errno;
import org.softverbs.verbs.PostException;
import org.softverbs.verbs.ReceiveCursor;
import org.softverbs.verbs.ReceiveWorkRequest;
import org.softverbs.verbs.Sge;
import org.softverbs.verbs.VerbsException;

/// Builds a receive request in a slot of its own and copies it into the queue when it is posted.
final class SoftReceiveCursor implements ReceiveCursor {

    private static final String POST_RECEIVE = "postReceive";

    private final ReceiveTarget target;
    private final ReceiveWqe wqe;
    private boolean begun;

    SoftReceiveCursor(ReceiveTarget target) {
        this.target = target;
        this.wqe = new ReceiveWqe(target.maxReceiveSge());
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
                    "more than the "
                            + target.kind()
                            + "'s maxReceiveSge of "
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

    /// Posts receives in order.
    ///
    /// @throws PostException when one is refused; those before it are posted
    void postAll(List<ReceiveWorkRequest> requests) {
        int index = 0;
        try {
            for (ReceiveWorkRequest request : requests) {
                set(request);
                post();
                index++;
            }
        } catch (VerbsException refused) {
            throw new PostException(refused, index);
        }
    }

    @Override
    public void post() {
        requireTaken(tryPost());
    }

    /// Posts a receive that is only flushed, whatever the device does with those of programs.
    void postMarker(long id) {
        receive(id);
        requireTaken(offer());
    }

    private void requireTaken(boolean taken) {
        if (!taken) {
            throw new VerbsException(
                    Errno.ENOMEM,
                    POST_RECEIVE,
                    "the receive queue of " + target.maxReceiveRequests() + " requests is full");
        }
    }

    @Override
    public boolean tryPost() {
        if (!begun) {
            throw new IllegalStateException("no receive was begun on this cursor");
        }
        if (wqe.elements().count() == 0 && target.device().rules().needsElements()) {
            throw new VerbsException(
                    Errno.EINVAL,
                    POST_RECEIVE,
                    "a receive without elements, which the device's profile refuses");
        }
        return offer();
    }

    private boolean offer() {
        RequestLedger requests = target.device().keys().requests();
        if (!target.offerReceive(wqe, requests == null ? null : describe(requests))) {
            return false;
        }
        begun = false;
        return true;
    }

    /// What the sanitizer is to know of the request.
    private PostedRequest describe(RequestLedger requests) {
        PostedRequest request = requests.request(target.ledgerNumber(), true, wqe.id(), true);
        for (int i = 0; i < wqe.elements().count(); i++) {
            SgeList elements = wqe.elements();
            request.element(elements.address(i), elements.length(i), elements.localKey(i));
        }
        return request;
    }
}
