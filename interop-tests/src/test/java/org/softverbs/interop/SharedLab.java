package org.softverbs.interop;

import org.jspecify.annotations.Nullable;

/// The lab of a test run: one network, one kernel guest, one node container, each made when a test
/// first asks for it.
final class SharedLab implements AutoCloseable {

    private @Nullable LabNetwork network;
    private @Nullable KernelGuest guest;
    private @Nullable NodeContainer node;

    synchronized LabNetwork network() {
        if (network == null) {
            network = LabNetwork.create(LabImages.build());
        }
        return network;
    }

    synchronized KernelGuest guest() {
        if (guest == null) {
            guest = network().bootGuest("guest");
        }
        return guest;
    }

    synchronized NodeContainer node() {
        if (node == null) {
            node = network().startNode("node");
        }
        return node;
    }

    synchronized void reset() {
        if (node != null) {
            node.reset();
        }
        if (guest != null) {
            guest.reset();
        }
    }

    @Override
    public synchronized void close() {
        if (network != null) {
            network.close();
        }
    }
}
