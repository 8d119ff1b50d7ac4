package org.softverbs.soft.wire.roce;

/**
 * The headers that may follow the {@link BthFlyweight}; the opcode says which and in what order.
 */
public enum ExtensionHeader {
    /** {@link RethFlyweight}. */
    RETH(RethFlyweight.LENGTH),
    /** {@link AethFlyweight}. */
    AETH(AethFlyweight.LENGTH),
    /** {@link AtomicEthFlyweight}. */
    ATOMIC_ETH(AtomicEthFlyweight.LENGTH),
    /** {@link AtomicAckEthFlyweight}. */
    ATOMIC_ACK_ETH(AtomicAckEthFlyweight.LENGTH),
    /** {@link ImmDtFlyweight}. */
    IMM_DT(ImmDtFlyweight.LENGTH),
    /** {@link IethFlyweight}. */
    IETH(IethFlyweight.LENGTH),
    /** {@link DethFlyweight}. */
    DETH(DethFlyweight.LENGTH),
    /** {@link XrcEthFlyweight}. */
    XRC_ETH(XrcEthFlyweight.LENGTH),
    /** {@link FethFlyweight}. */
    FETH(FethFlyweight.LENGTH);

    private final int length;

    ExtensionHeader(int length) {
        this.length = length;
    }

    /** Length in bytes. */
    public int length() {
        return length;
    }
}
