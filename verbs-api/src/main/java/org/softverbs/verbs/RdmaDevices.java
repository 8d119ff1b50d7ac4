package org.softverbs.verbs;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.ServiceLoader;
import java.util.TreeSet;
import org.softverbs.verbs.spi.RdmaProvider;

/// Where devices are found: all those of every [RdmaProvider] on the class or module path.
///
/// Verbs name: `ibv_get_device_list`, `ibv_open_device`.
public final class RdmaDevices {

    private RdmaDevices() {}

    /// The devices that this machine has now.
    public static List<RdmaDevice> list() {
        List<RdmaDevice> devices = new ArrayList<>();
        for (RdmaProvider provider : ServiceLoader.load(RdmaProvider.class)) {
            devices.addAll(provider.devices());
        }
        return List.copyOf(devices);
    }

    /// Opens a device with the provider's defaults.
    ///
    /// @param name `KIND@ADDRESS`, for example `rxe@127.0.0.1`
    /// @throws VerbsException `ENODEV` when no provider makes that kind or the host has no such
    ///     address, `EADDRINUSE` when another process holds it
    public static DeviceContext open(String name) {
        return open(name, Map.of());
    }

    /// Opens a device.
    ///
    /// @param name `KIND@ADDRESS`, for example `rxe@127.0.0.1`
    /// @param options the provider's own settings by name
    /// @throws VerbsException as [#open(String)], and `EINVAL` for an option that the provider does
    ///     not know
    public static DeviceContext open(String name, Map<String, String> options) {
        return provide(name, (provider, kind, address) -> provider.open(kind, address, options));
    }

    /// Opens a device as kernel code does, with the provider's defaults.
    ///
    /// @throws VerbsException as [#open(String)]
    public static PrivilegedContext openPrivileged(String name) {
        return openPrivileged(name, Map.of());
    }

    /// Opens a device as kernel code does: with physical memory, DMA mappings and the local DMA
    /// key.
    ///
    /// @throws VerbsException as [#open(String, Map)]
    public static PrivilegedContext openPrivileged(String name, Map<String, String> options) {
        return provide(
                name, (provider, kind, address) -> provider.openPrivileged(kind, address, options));
    }

    /// Opens a device of one provider.
    private interface Opening<C extends DeviceContext> {
        C open(RdmaProvider provider, String kind, String address);
    }

    private static <C extends DeviceContext> C provide(String name, Opening<C> opening) {
        int at = name.indexOf('@');
        if (at <= 0 || at == name.length() - 1) {
            throw new VerbsException(
                    Errno.EINVAL, "open", "device '" + name + "' is not of the form KIND@ADDRESS");
        }
        String kind = name.substring(0, at);
        TreeSet<String> kinds = new TreeSet<>();
        for (RdmaProvider provider : ServiceLoader.load(RdmaProvider.class)) {
            if (provider.kinds().contains(kind)) {
                return opening.open(provider, kind, name.substring(at + 1));
            }
            kinds.addAll(provider.kinds());
        }
        throw new VerbsException(
                Errno.ENODEV,
                "open",
                "no provider has devices of kind '" + kind + "', only " + kinds);
    }
}
