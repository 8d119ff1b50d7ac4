package org.softverbs.interop;

import com.github.dockerjava.api.model.Bind;
import com.github.dockerjava.api.model.Device;
import com.github.dockerjava.api.model.HostConfig;
import java.util.List;

/// A Linux kernel with `rdma_rxe` in QEMU, on the container network under an address of its own. It
/// has one RDMA device, [#DEVICE], on eth0, and the stock tools of rdma-core and perftest.
final class KernelGuest extends LabHost {

    static final String DEVICE = "rxe0";

    /// GID table of [#DEVICE]: link-local, then the addresses in the order in which they were
    /// added.
    static final int GID_INDEX_IPV4 = 1;

    static final int GID_INDEX_IPV6 = 2;

    /// What eth0 has after [#reset].
    static final int DEFAULT_MTU = 1500;

    private static final String TUN = "/dev/net/tun";

    KernelGuest(LabNetwork network, String name) {
        super(network, name, "guest");
    }

    @Override
    List<Bind> mounts() {
        return List.of(readOnly(images().guest(), "/guest"));
    }

    @Override
    void customize(HostConfig host) {
        host.withDevices(new Device("rwm", TUN, TUN));
    }

    @Override
    String sharedPath() {
        return "/share";
    }

    @Override
    LabAgent captureAgent() {
        return agentAt("outer.sock");
    }

    @Override
    String captureInterface() {
        return "tap0";
    }

    /// Ends what tests left running, takes impairments away and sets the default MTU.
    @Override
    void reset() {
        super.reset();
        LossyLink.restore(this);
        mtu(DEFAULT_MTU);
    }
}
