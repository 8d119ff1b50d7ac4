package org.softverbs.soft.wire.mad;

/** Service IDs of {@code rdma_cm}: a port space in the high bits, a port in the low sixteen. */
public final class ServiceId {

    /** Port space of connections, {@code RDMA_PS_TCP}. */
    public static final int PORT_SPACE_TCP = 0x0106;

    /** Port space of datagram services, {@code RDMA_PS_UDP}. */
    public static final int PORT_SPACE_UDP = 0x0111;

    /** Port space of native InfiniBand addressing, {@code RDMA_PS_IB}. */
    public static final int PORT_SPACE_IB = 0x013f;

    private static final int PORT_BITS = 16;

    private ServiceId() {}

    /** The service ID of a port. */
    public static long of(int portSpace, int port) {
        return (long) portSpace << PORT_BITS | (port & 0xffff);
    }

    /** The port of a service ID. */
    public static int port(long serviceId) {
        return (int) serviceId & 0xffff;
    }

    /** All above the port. */
    public static long portSpace(long serviceId) {
        return serviceId >>> PORT_BITS;
    }
}
