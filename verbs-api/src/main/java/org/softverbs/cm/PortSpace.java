package org.softverbs.cm;

/// Which services a port number names, and what is connected by them.
///
/// Verbs name: `rdma_port_space`; [#number()] is the C value.
public enum PortSpace {
    /// Connections, `RDMA_PS_TCP`.
    TCP(0x0106),
    /// Datagram services, `RDMA_PS_UDP`.
    UDP(0x0111),
    /// Any transport service, by InfiniBand's own service IDs, `RDMA_PS_IB`.
    IB(0x013f);

    /// The largest port.
    public static final int MAXIMUM_PORT = 0xffff;

    private static final int PORT_BITS = 16;

    private final int number;

    PortSpace(int number) {
        this.number = number;
    }

    public int number() {
        return number;
    }

    /// Whether its services are asked for by SIDR and have no connections.
    public boolean isDatagram() {
        return this == UDP;
    }

    /// The service ID of a port: the number of the space above the sixteen bits of the port.
    public long serviceId(int port) {
        return (long) number << PORT_BITS | (port & MAXIMUM_PORT);
    }

    /// The port of a service ID.
    public static int portOf(long serviceId) {
        return (int) serviceId & MAXIMUM_PORT;
    }
}
