package org.softverbs.verbs;

import java.util.Optional;
import java.util.OptionalInt;

/// One step of an [Explanation]: what happened, with its facts.
public sealed interface Cause
        permits Cause.OfRequest, Cause.OfConnection, Cause.OfThisSide, VerbCause, SetupCause {

    /// What happened, in one plain sentence without a full stop.
    String sentence();

    /// What to look at when this is the root; empty when there is nothing to mend.
    String hint();

    /// About a work request of this side.
    sealed interface OfRequest extends Cause
            permits Succeeded,
                    RequestFailed,
                    RequestFlushed,
                    WrongLength,
                    MemoryRefused,
                    OperationNotOffered,
                    ForeignAddressHandle {}

    /// About a connection and its other end.
    sealed interface OfConnection extends Cause
            permits PeerRefused,
                    RetriesExceeded,
                    ReceiverNotReady,
                    BadResponse,
                    PeerRequestRefused {}

    /// About this side's program, completion queues and device: what ends a queue pair, though
    /// neither a request nor the peer is at fault.
    sealed interface OfThisSide extends Cause
            permits MovedToError, CompletionQueueOverrun, DeviceRemoved, InternalFault {}

    /// A range of the peer's memory.
    ///
    /// @param address first byte, in the key's address space
    /// @param length bytes
    /// @param key the remote key
    record RemoteRange(long address, long length, int key) {

        @Override
        public String toString() {
            return "%d bytes at 0x%x of remote key 0x%08x".formatted(length, address, key);
        }
    }

    /// A request did its work.
    record Succeeded(int queuePair, long id, WorkCompletionOpcode opcode, long length)
            implements OfRequest {

        @Override
        public String sentence() {
            return "%s %d of queue pair 0x%x succeeded, %d bytes"
                    .formatted(opcode, id, queuePair, length);
        }

        @Override
        public String hint() {
            return "";
        }
    }

    /// A request ended with an error of its own.
    ///
    /// @param queuePair number of its queue pair
    /// @param id its work request number
    /// @param opcode what it was to do
    /// @param status how it ended
    /// @param length its bytes
    /// @param remote what it named of the peer's memory
    record RequestFailed(
            int queuePair,
            long id,
            WorkCompletionOpcode opcode,
            WorkCompletionStatus status,
            long length,
            Optional<RemoteRange> remote)
            implements OfRequest {

        @Override
        public String sentence() {
            return "%s %d of queue pair 0x%x%s failed with %s (%s)"
                    .formatted(
                            opcode,
                            id,
                            queuePair,
                            remote.map(it -> ", " + it + ",")
                                    .orElse(length == 0 ? "" : ", " + length + " bytes,"),
                            status,
                            status.description());
        }

        @Override
        public String hint() {
            return CauseHints.ofStatus(status);
        }
    }

    /// A request was never carried out, or not to its end, as its queue pair had failed before.
    record RequestFlushed(int queuePair, long id, WorkCompletionOpcode opcode)
            implements OfRequest {

        @Override
        public String sentence() {
            return "%s %d was flushed: queue pair 0x%x is in ERR".formatted(opcode, id, queuePair);
        }

        @Override
        public String hint() {
            return CauseHints.ofStatus(WorkCompletionStatus.WR_FLUSH_ERR);
        }
    }

    /// The elements of a request have another length than it takes.
    record WrongLength(long length, long expected) implements OfRequest {

        @Override
        public String sentence() {
            return "its elements have %d bytes, and it takes %d".formatted(length, expected);
        }

        @Override
        public String hint() {
            return "an atomic takes one element of 8 bytes for the old value";
        }
    }

    /// The transport service of the queue pair has no such operation.
    record OperationNotOffered(QueuePairType type, WorkCompletionOpcode opcode)
            implements OfRequest {

        @Override
        public String sentence() {
            return "a queue pair of type %s has no %s in the form that was posted"
                    .formatted(type, opcode);
        }

        @Override
        public String hint() {
            return "UC has no READ, no atomic and no SEND with invalidate, UD has SENDs alone";
        }
    }

    /// The address handle of a datagram is of another protection domain.
    ///
    /// @param handleDomain identity of that domain
    /// @param domain identity of the queue pair's
    record ForeignAddressHandle(int handleDomain, int domain) implements OfRequest {

        @Override
        public String sentence() {
            return "its address handle is of protection domain %d, the queue pair of %d"
                    .formatted(handleDomain, domain);
        }

        @Override
        public String hint() {
            return "make the handle in the protection domain of the queue pair";
        }
    }

    /// A key did not open what was wanted.
    ///
    /// @param refusal why
    /// @param right what for
    /// @param key local or remote key
    /// @param address first byte that was wanted, in the key's address space
    /// @param length bytes that were wanted
    /// @param domain identity of the protection domain of the queue pair
    /// @param facts what the device knows of the key
    record MemoryRefused(
            AccessRefusal refusal,
            MemoryRight right,
            int key,
            long address,
            long length,
            int domain,
            KeyFacts facts)
            implements OfRequest {

        @Override
        public String sentence() {
            return "%d bytes at 0x%x of key 0x%08x were wanted %s, and %s (%s)"
                    .formatted(length, address, key, right.description(), refusal.reason(), facts);
        }

        @Override
        public String hint() {
            return CauseHints.of(this);
        }
    }

    /// The peer refused a request with a NAK. Why stands on its side.
    ///
    /// @param peer the other end
    /// @param psn PSN that the NAK is about
    /// @param code what it said
    record PeerRefused(Peer peer, int psn, NakCode code) implements OfConnection {

        @Override
        public String sentence() {
            return "%s answered PSN %d with a NAK: %s".formatted(peer, psn, code.description());
        }

        @Override
        public String hint() {
            return CauseHints.of(code);
        }
    }

    /// A request was sent again as often as `retryCount` allows.
    ///
    /// @param peer the other end
    /// @param psn PSN of the oldest packet that is not acknowledged
    /// @param retries how often it was sent again
    /// @param reason why for the last time
    /// @param timeoutNanos the first wait for an acknowledgement
    /// @param everAnswered whether the peer ever acknowledged anything of this connection
    /// @param strangePsn PSN of the newest answer that is to nothing under way
    /// @param localPath what this side's own end of the path was like when it gave up
    record RetriesExceeded(
            Peer peer,
            int psn,
            int retries,
            RetryReason reason,
            long timeoutNanos,
            boolean everAnswered,
            OptionalInt strangePsn,
            LocalPath localPath)
            implements OfConnection {

        @Override
        public String sentence() {
            String strange =
                    strangePsn.isPresent()
                            ? "; it answered with PSN %d, to nothing under way"
                                    .formatted(strangePsn.getAsInt())
                            : "";
            return "PSN %d was sent again %d times to %s: %s%s%s%s"
                    .formatted(
                            psn,
                            retries,
                            peer,
                            reason.description(),
                            everAnswered ? "" : ", and never one before",
                            strange,
                            localPath.clause());
        }

        @Override
        public String hint() {
            return CauseHints.of(this);
        }
    }

    /// The peer had no receive as often as `rnrRetry` allows.
    ///
    /// @param peer the other end
    /// @param psn PSN of the packet that needs a receive
    /// @param retries how often it was sent again
    /// @param waitNanos how long the peer asked to wait the last time
    record ReceiverNotReady(Peer peer, int psn, int retries, long waitNanos)
            implements OfConnection {

        @Override
        public String sentence() {
            return "%s had no receive posted for PSN %d, and none after %d more tries, %d us apart"
                    .formatted(peer, psn, retries, waitNanos / 1000);
        }

        @Override
        public String hint() {
            return "the peer posted no receives, or not enough: post them before it says that it"
                    + " is ready, and one for each message under way; rnrRetry of 7 waits for ever";
        }
    }

    /// The peer's response is not what its request asks for.
    record BadResponse(Peer peer, int psn, String detail) implements OfConnection {

        @Override
        public String sentence() {
            return "%s answered PSN %d wrongly: %s".formatted(peer, psn, detail);
        }

        @Override
        public String hint() {
            return "the peer breaks the protocol, or has another path MTU than this side";
        }
    }

    /// This side refused a request of the peer, which ends the connection.
    ///
    /// @param peer the other end
    /// @param psn PSN of the packet
    /// @param opcode what it was
    /// @param code the NAK that was sent
    /// @param fault what is wrong with it
    /// @param actual what it had, as the fault says
    /// @param expected what it was to have, as the fault says
    record PeerRequestRefused(
            Peer peer,
            int psn,
            String opcode,
            NakCode code,
            RequestFault fault,
            long actual,
            long expected)
            implements OfConnection {

        @Override
        public String sentence() {
            return "%s with PSN %d of %s was refused (NAK %s): %s%s"
                    .formatted(
                            opcode,
                            psn,
                            peer,
                            code.description(),
                            fault.description(),
                            CauseHints.numbers(this));
        }

        @Override
        public String hint() {
            return CauseHints.of(fault);
        }
    }

    /// The program moved the queue pair to ERR.
    record MovedToError(int queuePair, QueuePairState from) implements OfThisSide {

        @Override
        public String sentence() {
            return "queue pair 0x%x was moved from %s to ERR by its program"
                    .formatted(queuePair, from);
        }

        @Override
        public String hint() {
            return "";
        }
    }

    /// A completion queue had no room for a completion: it is dead, with all queue pairs that use
    /// it.
    ///
    /// @param queue identity of the queue, as in `CQ_ERR`
    /// @param entries what it holds
    record CompletionQueueOverrun(int queue, int entries) implements OfThisSide {

        @Override
        public String sentence() {
            return "completion queue %d of %d entries overran".formatted(queue, entries);
        }

        @Override
        public String hint() {
            return "a completion queue must hold the completions of all requests that can be under"
                    + " way on all its queue pairs, sends and receives together";
        }
    }

    /// The device was taken out of its machine, or went away with its driver.
    record DeviceRemoved(String device) implements OfThisSide {

        @Override
        public String sentence() {
            return "device %s was removed".formatted(device);
        }

        @Override
        public String hint() {
            return "close all that was made of it, then open it again once it is there";
        }
    }

    /// The provider failed by a bug of its own.
    record InternalFault(String detail) implements OfThisSide {

        @Override
        public String sentence() {
            return "internal error: " + detail;
        }

        @Override
        public String hint() {
            return "this is a bug of the provider: please report it";
        }
    }
}
