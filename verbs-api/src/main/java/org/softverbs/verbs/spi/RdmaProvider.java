package org.softverbs.verbs.spi;

import java.util.List;
import java.util.Map;
import java.util.Set;
import org.softverbs.verbs.DeviceContext;
import org.softverbs.verbs.PrivilegedContext;
import org.softverbs.verbs.RdmaDevice;

/// What a provider of RDMA devices implements; found by `ServiceLoader`.
///
/// Verbs name: `verbs_device_ops` of a libibverbs provider.
public interface RdmaProvider {

    /// The kinds of device this provider makes: the word before `@` in a device's name.
    Set<String> kinds();

    /// The devices that exist without further configuration.
    List<RdmaDevice> devices();

    /// Opens a device.
    ///
    /// @param kind one of [#kinds()]
    /// @param address what stood behind the `@`
    /// @param options settings by name
    /// @throws org.softverbs.verbs.VerbsException when it cannot be opened, with the reason
    DeviceContext open(String kind, String address, Map<String, String> options);

    /// Opens a device for kernel code.
    ///
    /// @param kind one of [#kinds()]
    /// @param address what stood behind the `@`
    /// @param options settings by name
    /// @throws org.softverbs.verbs.VerbsException when it cannot be opened, with the reason
    PrivilegedContext openPrivileged(String kind, String address, Map<String, String> options);
}
