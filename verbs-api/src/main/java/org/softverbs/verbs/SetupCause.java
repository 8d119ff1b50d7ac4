package org.softverbs.verbs;

import java.time.Duration;

/// A step of an [Explanation] about making and ending connections by a connection manager.
public sealed interface SetupCause extends Cause {

    /// The peer sent a REJ.
    ///
    /// @param peer its address
    /// @param service the service ID that was asked for
    /// @param reason code of its reason
    /// @param description what the reason says
    /// @param established whether there was a connection until then
    record PeerRejected(
            GlobalIdentifier peer,
            long service,
            int reason,
            String description,
            boolean established)
            implements SetupCause {

        @Override
        public String sentence() {
            return "%s %s with REJ %d: %s"
                    .formatted(
                            peer,
                            established
                                    ? "ended the connection to service 0x%x".formatted(service)
                                    : "refused the connection to service 0x%x".formatted(service),
                            reason,
                            description);
        }

        @Override
        public String hint() {
            return switch (reason) {
                case 4 -> "the network lost messages of this side, or this side took too long";
                case 8 -> "nobody listens on that port there, or on another address or port space";
                case 10 -> "the peer still has a connection of this queue pair: use a new one";
                case 12 -> "the packets come from, or go to, another address than was resolved";
                case 26 -> "give the path MTU that both interfaces have room for";
                case 28 -> "look at the peer's program: it rejected, or ended";
                case 3 -> "the peer holds as many connections as it may; try again later";
                default -> "";
            };
        }
    }

    /// This side refused or ended it for a reason of its own.
    ///
    /// @param peer its address
    /// @param reason code of the reason that was sent
    /// @param description what the reason says
    record RefusedHere(GlobalIdentifier peer, int reason, String description)
            implements SetupCause {

        @Override
        public String sentence() {
            return "this side refused %s with REJ %d: %s".formatted(peer, reason, description);
        }

        @Override
        public String hint() {
            return reason == 3
                    ? "too many connections wait for their peers: look at the counters"
                            + " cm_evicted_connections and cm_refused_source_limit"
                    : "";
        }
    }

    /// A message was not answered.
    ///
    /// @param peer who was to answer
    /// @param message which
    /// @param tries how often it was sent
    /// @param waitedNanos since it was sent first
    record NoAnswer(GlobalIdentifier peer, String message, int tries, long waitedNanos)
            implements SetupCause {

        @Override
        public String sentence() {
            return "%s did not answer %s, sent %d times within %d ms"
                    .formatted(peer, message, tries, Duration.ofNanos(waitedNanos).toMillis());
        }

        @Override
        public String hint() {
            return message.equals("DREQ")
                    ? "the peer went away, or the network was cut; the connection is over here"
                    : "the address is not the peer's, nobody speaks RoCE there, or UDP port 4791"
                            + " does not get through";
        }
    }

    /// The program of this side did not answer in time.
    ///
    /// @param peer who waits
    /// @param message what was to be answered
    /// @param waitedNanos since it came
    record NotAnsweredHere(GlobalIdentifier peer, String message, long waitedNanos)
            implements SetupCause {

        @Override
        public String sentence() {
            return "nobody on this side answered the %s of %s within %d ms"
                    .formatted(message, peer, Duration.ofNanos(waitedNanos).toMillis());
        }

        @Override
        public String hint() {
            return "accept or reject what CONNECT_REQUEST tells of, establish what CONNECT_RESPONSE"
                    + " tells of";
        }
    }

    /// A service could not be told.
    ///
    /// @param peer who was asked
    /// @param status the status of its answer
    record ServiceRefused(GlobalIdentifier peer, int status) implements SetupCause {

        @Override
        public String sentence() {
            return "%s answered the request for a datagram service with status %d%s"
                    .formatted(
                            peer,
                            status,
                            switch (status) {
                                case 1 -> ": there is no such service";
                                case 2 -> ": its program refused";
                                case 3 -> ": it has no queue pair left";
                                default -> "";
                            });
        }

        @Override
        public String hint() {
            return status == 1 ? "nobody listens on that port of the port space UDP" : "";
        }
    }

    /// One side asked for the end, and the other agreed.
    record Disconnected(GlobalIdentifier peer, boolean byPeer) implements SetupCause {

        @Override
        public String sentence() {
            return byPeer
                    ? "%s ended the connection".formatted(peer)
                    : "this side ended the connection to %s".formatted(peer);
        }

        @Override
        public String hint() {
            return "";
        }
    }

    /// A name has no address.
    record UnknownName(String name) implements SetupCause {

        @Override
        public String sentence() {
            return "the name '%s' has no address".formatted(name);
        }

        @Override
        public String hint() {
            return "look it up with the host's own tools: the JVM asks the same resolver";
        }
    }

    /// No device leads to a peer.
    record NoRoute(String destination, String devices) implements SetupCause {

        @Override
        public String sentence() {
            return "no device of %s leads to %s".formatted(devices, destination);
        }

        @Override
        public String hint() {
            return "open a device on an address of the same family, and of the same network";
        }
    }

    /// The address that an ID was bound to is gone, or its device.
    record AddressGone(String address) implements SetupCause {

        @Override
        public String sentence() {
            return "address %s is gone from its device".formatted(address);
        }

        @Override
        public String hint() {
            return "close the ID, and make another on the address that there is now";
        }
    }
}
