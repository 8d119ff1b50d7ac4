package org.softverbs.soft.cm;

import org.softverbs.cm.PrivateData;

/// What a REJ says.
///
/// @param reason its code; the peer may send codes that the specification does not know
/// @param message which message was rejected
/// @param additionalInfo up to 72 bytes that belong to the reason
/// @param privateData up to 148 bytes
public record CmReject(
        int reason, Message message, PrivateData additionalInfo, PrivateData privateData) {

    /// Most bytes of private data.
    public static final int PRIVATE_DATA_LENGTH = 148;

    /// Most bytes of additional information.
    public static final int ADDITIONAL_INFO_LENGTH = 72;

    /// Which message was rejected, by its value on the wire.
    public enum Message {
        REQ,
        REP,
        /// None: it says that the connection is over.
        OTHER
    }
}
