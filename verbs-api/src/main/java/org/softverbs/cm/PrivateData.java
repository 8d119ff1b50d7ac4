package org.softverbs.cm;

import java.util.Arrays;
import java.util.HexFormat;
import java.util.Objects;

/// Bytes that a program sends along with a message of the connection manager; they never change.
///
/// How many there may be depends on the message. A message always carries as many as it has room
/// for, so what arrives is padded with zeros: 56 bytes of a connect, 196 of an accept, 148 of a
/// reject; 180 of a datagram request and 136 of its answer.
///
/// Verbs name: `private_data` and `private_data_len` of `rdma_conn_param`.
public final class PrivateData {

    /// No bytes.
    public static final PrivateData EMPTY = new PrivateData(new byte[0]);

    private final byte[] bytes;

    private PrivateData(byte[] bytes) {
        this.bytes = bytes;
    }

    /// A copy of `bytes`.
    public static PrivateData of(byte... bytes) {
        return bytes.length == 0 ? EMPTY : new PrivateData(bytes.clone());
    }

    public int length() {
        return bytes.length;
    }

    /// A copy of the bytes.
    public byte[] toBytes() {
        return bytes.clone();
    }

    /// These bytes from `offset` to the end.
    ///
    /// @throws IndexOutOfBoundsException when there are fewer
    public PrivateData from(int offset) {
        Objects.checkFromToIndex(offset, bytes.length, bytes.length);
        return of(Arrays.copyOfRange(bytes, offset, bytes.length));
    }

    /// Whether these bytes begin with those.
    public boolean startsWith(byte... prefix) {
        return prefix.length <= bytes.length
                && Arrays.equals(bytes, 0, prefix.length, prefix, 0, prefix.length);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof PrivateData that && Arrays.equals(bytes, that.bytes);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(bytes);
    }

    @Override
    public String toString() {
        return HexFormat.of().formatHex(bytes);
    }
}
