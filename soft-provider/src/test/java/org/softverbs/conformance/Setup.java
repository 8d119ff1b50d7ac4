package org.softverbs.conformance;

import java.util.Set;
import org.softverbs.verbs.AccessFlag;
import org.softverbs.verbs.CompletionQueue;
import org.softverbs.verbs.QueuePairCapabilities;
import org.softverbs.verbs.QueuePairOptions;
import org.softverbs.verbs.QueuePairType;

/// How a queue pair is made and connected.
///
/// @param requests send requests, and receives, that it holds
/// @param elements of a request
/// @param inline bytes of an inline request
/// @param entries of each of its completion queues
/// @param signalAll whether each request is signaled
/// @param timeout code of the ACK timeout
/// @param retries after a timeout
/// @param rnrRetries after an RNR NAK
/// @param peerMay what the peer may do
public record Setup(
        int requests,
        int elements,
        int inline,
        int entries,
        boolean signalAll,
        int timeout,
        int retries,
        int rnrRetries,
        Set<AccessFlag> peerMay) {

    /// Room for most tests, three tries, all rights.
    public static Setup standard() {
        return new Setup(64, 4, 64, 256, false, 14, 3, 3, Node.ALL);
    }

    /// With room for so many requests, and entries for twice as many.
    public Setup withRequests(int count) {
        return new Setup(
                count,
                elements,
                inline,
                2 * count,
                signalAll,
                timeout,
                retries,
                rnrRetries,
                peerMay);
    }

    /// With room for so many bytes inline.
    public Setup withInline(int bytes) {
        return new Setup(
                requests,
                elements,
                bytes,
                entries,
                signalAll,
                timeout,
                retries,
                rnrRetries,
                peerMay);
    }

    /// With completion queues of so many entries.
    public Setup withEntries(int count) {
        return new Setup(
                requests,
                elements,
                inline,
                count,
                signalAll,
                timeout,
                retries,
                rnrRetries,
                peerMay);
    }

    /// With each request signaled.
    public Setup withSignalAll() {
        return new Setup(
                requests, elements, inline, entries, true, timeout, retries, rnrRetries, peerMay);
    }

    /// With so many tries after an RNR NAK; 7 is for ever.
    public Setup withRnrRetries(int count) {
        return new Setup(
                requests, elements, inline, entries, signalAll, timeout, retries, count, peerMay);
    }

    /// With rights of the peer.
    public Setup withPeerMay(Set<AccessFlag> rights) {
        return new Setup(
                requests,
                elements,
                inline,
                entries,
                signalAll,
                timeout,
                retries,
                rnrRetries,
                rights);
    }

    QueuePairOptions options(CompletionQueue sends, CompletionQueue receives) {
        return options(QueuePairType.RC, sends, receives);
    }

    QueuePairOptions options(QueuePairType type, CompletionQueue sends, CompletionQueue receives) {
        return new QueuePairOptions(
                type,
                sends,
                receives,
                new QueuePairCapabilities(requests, requests, elements, elements, inline),
                signalAll);
    }
}
