package org.softverbs.soft.device;

import java.lang.foreign.MemorySegment;
import org.softverbs.soft.queue.SendWqe;
import org.softverbs.verbs.DatagramDestination;
import org.softverbs.verbs.Errno;
import org.softverbs.verbs.SendFlag;
import org.softverbs.verbs.SendWorkRequest;
import org.softverbs.verbs.Sge;
import org.softverbs.verbs.VerbsException;

/// Turns requests that are records into calls of a cursor.
final class SendRecords {

    private static final String POST_SEND = "postSend";

    private SendRecords() {}

    /// Begins the request, without its flags and elements.
    static void begin(SendWorkRequest request, SoftSendCursor cursor) {
        switch (request) {
            case SendWorkRequest.ToSharedReceiveQueue to -> {
                begin(to.request(), cursor);
                cursor.remoteSharedReceiveQueue(to.sharedReceiveQueue());
            }
            case SendWorkRequest.Send send -> cursor.send(send.id());
            case SendWorkRequest.SendWithImmediate send ->
                    cursor.sendWithImmediate(send.id(), send.immediate());
            case SendWorkRequest.SendDatagram send -> {
                cursor.send(send.id());
                to(send.destination(), cursor);
            }
            case SendWorkRequest.SendDatagramWithImmediate send -> {
                cursor.sendWithImmediate(send.id(), send.immediate());
                to(send.destination(), cursor);
            }
            case SendWorkRequest.SendWithInvalidate send ->
                    cursor.sendWithInvalidate(send.id(), send.invalidateKey());
            case SendWorkRequest.RdmaWrite write ->
                    cursor.rdmaWrite(write.id(), write.remoteAddress(), write.remoteKey());
            case SendWorkRequest.RdmaWriteWithImmediate write ->
                    cursor.rdmaWriteWithImmediate(
                            write.id(),
                            write.remoteAddress(),
                            write.remoteKey(),
                            write.immediate());
            case SendWorkRequest.RdmaRead read ->
                    cursor.rdmaRead(read.id(), read.remoteAddress(), read.remoteKey());
            case SendWorkRequest.CompareAndSwap swap ->
                    cursor.compareAndSwap(
                            swap.id(),
                            swap.remoteAddress(),
                            swap.remoteKey(),
                            swap.compare(),
                            swap.swap());
            case SendWorkRequest.FetchAndAdd fetch ->
                    cursor.fetchAndAdd(
                            fetch.id(), fetch.remoteAddress(), fetch.remoteKey(), fetch.add());
            case SendWorkRequest.AtomicWrite write ->
                    cursor.atomicWrite(
                            write.id(), write.remoteAddress(), write.remoteKey(), write.value());
            case SendWorkRequest.Flush flush ->
                    cursor.flush(
                            flush.id(),
                            flush.remoteAddress(),
                            flush.length(),
                            flush.remoteKey(),
                            flush.types(),
                            flush.level());
            case SendWorkRequest.BindMemoryWindow bind -> cursor.bind(bind);
            case SendWorkRequest.LocalInvalidate invalidate ->
                    cursor.localInvalidate(invalidate.id(), invalidate.key());
            case SendWorkRequest.RegisterMemory register ->
                    cursor.registerMemory(
                            register.id(), register.region(), register.key(), register.access());
            case SendWorkRequest.RdmaReadWithInvalidate read ->
                    throw new VerbsException(
                            Errno.EOPNOTSUPP,
                            POST_SEND,
                            "RDMA READ with invalidate is iWARP's; a RoCE queue pair has none");
        }
    }

    private static void to(DatagramDestination destination, SoftSendCursor cursor) {
        cursor.destination(
                destination.handle(), destination.queuePairNumber(), destination.queueKey());
    }

    /// Adds the elements of a request that was begun, or their bytes when it is inline.
    static void addElements(SendWorkRequest request, SoftSendCursor cursor, SendWqe wqe) {
        boolean inline = request.flags().contains(SendFlag.INLINE);
        if (inline) {
            cursor.requireInline();
            wqe.inline();
        }
        for (Sge element : request.elements()) {
            if (inline) {
                inlineElement(element, cursor);
            } else {
                cursor.element(element.address(), element.length(), element.localKey());
            }
        }
    }

    private static void inlineElement(Sge element, SoftSendCursor cursor) {
        if (element.length() == 0) {
            return;
        }
        MemorySegment source =
                cursor.userBytes(element.address(), element.lengthAsLong())
                        .orElseThrow(
                                () ->
                                        new VerbsException(
                                                Errno.EFAULT,
                                                POST_SEND,
                                                "inline element at 0x"
                                                        + Long.toHexString(element.address())
                                                        + " is no CPU memory of this host"));
        if (source.byteSize() > Integer.MAX_VALUE) {
            throw new VerbsException(
                    Errno.EINVAL,
                    POST_SEND,
                    "inline element of " + source.byteSize() + " bytes is too long");
        }
        cursor.inlineData(source, 0, (int) source.byteSize());
    }
}
