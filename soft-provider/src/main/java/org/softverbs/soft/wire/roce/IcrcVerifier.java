package org.softverbs.soft.wire.roce;

import java.nio.ByteBuffer;

/**
 * Verifies the ICRC of packets from one peer address to one of ours, as a plain UDP socket delivers
 * them: without the IP header. Use one object for each pair of addresses. Allocates nothing;
 * confined to one thread.
 *
 * <p>On IPv6 the check is exact. On IPv4 the ICRC covers the identification and the don't-fragment
 * bit, which no socket option tells. This class tries the ID it expects; when that fails it solves
 * for the ID, of which there is at most one, and asks how likely the peer used it:
 *
 * <ul>
 *   <li>The first packet from a peer: any ID. A random error passes with 2<sup>-16</sup>.
 *   <li>Afterwards the ID must lie near the last one, as {@link IpIdPolicy} says. A random error
 *       passes with (193 + milliseconds since the last packet) / 2<sup>32</sup> under {@link
 *       IpIdPolicy#LINUX}, up to 2<sup>-16</sup> after a minute of silence.
 *   <li>In that case an ID other than the expected one is refused if one or two flipped bits would
 *       explain it. So no error of one or two bits passes in a packet that has the expected ID,
 *       whatever the silence; errors of any kind that need no other ID keep the full
 *       2<sup>-32</sup>.
 *   <li>A refused ID is taken for good when the next packet continues it: a peer that rebooted
 *       costs one packet, and two damaged ones in a row would have to agree by chance.
 * </ul>
 */
public final class IcrcVerifier {

    /** IPv4 bytes from the identification to the end, and the UDP header. */
    static final int BYTES_BEFORE_BTH = 16 + 8;

    private static final int ID_MASK = 0xffff;
    private static final int ANOTHER_FRAGMENT_BIT = 0x40_0000;
    private static final int CACHED_LENGTHS = 2048; // headers, payload and pad come in words

    private final Icrc icrc;
    private final IpIdTracker tracker;
    private final int[] inverseByWords = new int[CACHED_LENGTHS];

    /** Prepares for packets from {@code source} to {@code destination}, 4 or 16 bytes each. */
    public IcrcVerifier(byte[] source, byte[] destination, IpIdPolicy policy) {
        icrc = new Icrc(source, destination);
        tracker = new IpIdTracker(policy);
    }

    /** Prepares for packets from a peer that numbers as Linux does, or always with 0. */
    public IcrcVerifier(byte[] source, byte[] destination) {
        this(source, destination, IpIdPolicy.LINUX);
    }

    /**
     * Verifies one packet.
     *
     * @param packet as for {@link Icrc#compute}; the four bytes behind the range are the ICRC
     * @param offset absolute index of the BTH
     * @param length bytes from the BTH to the pad, without the ICRC; at least 12
     * @param nowNanos of any clock that does not go back
     */
    public IcrcVerdict verify(
            int sourcePort,
            int destinationPort,
            ByteBuffer packet,
            int offset,
            int length,
            long nowNanos) {
        int id = tracker.expected();
        int fragmentBits = tracker.fragmentable() ? 0 : Icrc.DONT_FRAGMENT;
        int computed =
                icrc.compute(sourcePort, destinationPort, id, fragmentBits, packet, offset, length);
        int difference = computed ^ Icrc.load(packet, offset + length);
        if (icrc.isIpv6()) {
            return difference == 0 ? IcrcVerdict.EXACT : IcrcVerdict.MISMATCH;
        }
        return judge(difference, id, length, nowNanos);
    }

    /** Finds the ID that turns {@code difference}, found with {@code id}, into none. */
    IcrcVerdict judge(int difference, int id, int length, long nowNanos) {
        int atId = difference == 0 ? 0 : Crc32Algebra.multiply(difference, inverse(length));
        int beyondId = atId & ~ID_MASK;
        if (beyondId != 0 && beyondId != ANOTHER_FRAGMENT_BIT) {
            return IcrcVerdict.MISMATCH;
        }
        int solved = id ^ IpIdTracker.swap(atId & ID_MASK);
        boolean mayFragment = tracker.fragmentable() == (beyondId == 0);
        int bytes = BYTES_BEFORE_BTH + length + PacketCheck.ICRC_LENGTH;
        if (!tracker.admit(solved, mayFragment, bytes, nowNanos)) {
            return IcrcVerdict.UNLIKELY_ID;
        }
        return difference == 0 ? IcrcVerdict.EXACT : IcrcVerdict.SOLVED;
    }

    /** For tests: as if the last packet had carried {@code ipId}, at time 0. */
    void reset(int ipId) {
        tracker.reset(ipId, 0);
    }

    private int inverse(int length) {
        int words = length >> 2;
        if ((length & 3) != 0 || words >= CACHED_LENGTHS) {
            return Crc32Algebra.inverseOfBytes(BYTES_BEFORE_BTH + length);
        }
        if (inverseByWords[words] == 0) {
            inverseByWords[words] = Crc32Algebra.inverseOfBytes(BYTES_BEFORE_BTH + length);
        }
        return inverseByWords[words];
    }
}
