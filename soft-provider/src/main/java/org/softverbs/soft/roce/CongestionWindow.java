package org.softverbs.soft.roce;

/// How many packets a requester keeps on their way without acknowledgement.
///
/// It begins at the window that peers are tuned to, halves at each loss, and grows back: by one for
/// each packet acknowledged up to half of where the loss was, then by one for each window of them.
/// Without it, go-back-N sends a whole window again for each loss, and a receiver whose socket
/// buffer is smaller than the window loses the same packets every time.
final class CongestionWindow {

    /// The window of rxe.
    static final int LARGEST = 128;

    /// Enough that a loss is mostly followed by packets that show it, and not by a timeout.
    static final int SMALLEST = 16;

    private static final int ACK_REQUESTS_IN_A_WINDOW = 4;

    private int size = LARGEST;
    private int threshold = LARGEST;
    private int acknowledged;
    private boolean full;

    void reset() {
        full = false;
        size = LARGEST;
        threshold = LARGEST;
        acknowledged = 0;
    }

    int size() {
        return size;
    }

    /// Whether another packet may be sent when so many are on their way. A window that was full
    /// opens again when half of it has arrived: packets then leave in runs, and not one for each
    /// acknowledgement.
    boolean isOpen(int onTheirWay) {
        if (onTheirWay >= size) {
            full = true;
        } else if (onTheirWay <= size / 2) {
            full = false;
        }
        return !full;
    }

    /// Packets after which an acknowledgement is asked for in the midst of a message.
    int ackRequestInterval() {
        return size / ACK_REQUESTS_IN_A_WINDOW;
    }

    /// Whether packets were lost not long ago.
    boolean isReduced() {
        return size < LARGEST;
    }

    void onAcknowledged(int packets) {
        if (size == LARGEST) {
            return;
        }
        if (size < threshold) {
            size = Math.min(LARGEST, size + packets);
            return;
        }
        acknowledged += packets;
        if (acknowledged >= size) {
            acknowledged = 0;
            size++;
        }
    }

    void onLoss() {
        size = Math.max(SMALLEST, size / 2);
        threshold = size;
        acknowledged = 0;
    }

    /// Everything on its way may be lost: begins anew.
    void onTimeout() {
        threshold = Math.max(SMALLEST, size / 2);
        size = SMALLEST;
        acknowledged = 0;
    }
}
