package org.softverbs.soft.wire.roce;

/**
 * How far the IP ID of a peer may move between two packets that we see.
 *
 * @param forward IDs that may be missing: packets lost, and other traffic to us
 * @param backward how late a packet may come
 * @param forwardPerMilli IDs more for each millisecond without a packet
 */
public record IpIdPolicy(int forward, int backward, int forwardPerMilli) {

    /**
     * Fits Linux. rxe takes IDs from a counter that all unconnected traffic between two addresses
     * shares. It grows by one a packet, and after a pause by a random number below the length of
     * the pause in jiffies, of which there are at most 1000 a second (ip_idents_reserve). 128 is
     * what rxe has in flight.
     */
    public static final IpIdPolicy LINUX = new IpIdPolicy(128, 64, 1);

    /** Takes every ID: for peers whose IDs follow no rule. 16 bits of the ICRC remain. */
    public static final IpIdPolicy ANY = new IpIdPolicy(0xffff, 0, 0);

    /** Checks the ranges. */
    public IpIdPolicy {
        if (forward < 1 || forward > 0xffff || backward < 0 || backward > 0xffff) {
            throw new IllegalArgumentException(
                    "IP ID window of -" + backward + " to +" + forward + ", at most 65535");
        }
        if (forwardPerMilli < 0 || forwardPerMilli > 0xffff) {
            throw new IllegalArgumentException("IDs a millisecond: " + forwardPerMilli);
        }
    }
}
