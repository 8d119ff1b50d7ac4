package org.softverbs.soft.host;

import java.util.Optional;

/// System properties for all hosts and devices of a JVM, whatever the options are that they are
/// opened with: for a program or a suite of tests that is not to be changed.
public final class JvmOptions {

    /// Switches the sanitizer of every host on: `on` or `off`.
    public static final String SANITIZER = "softverbs.sanitizer";

    /// Starts the watchdog of every device: seconds, as the option `watchdog` of one device.
    public static final String WATCHDOG = "softverbs.watchdog";

    /// What devices that are opened by name do otherwise than others, as the option `profile` of
    /// one device, which goes before it.
    public static final String PROFILE = "softverbs.profile";

    private JvmOptions() {}

    /// Whether the sanitizer is wanted for all hosts.
    ///
    /// @throws IllegalArgumentException when the property is neither `on` nor `off`
    public static boolean sanitizes() {
        String value = System.getProperty(SANITIZER, "off");
        return switch (value) {
            case "on" -> true;
            case "off" -> false;
            default ->
                    throw new IllegalArgumentException(
                            "system property "
                                    + SANITIZER
                                    + " '"
                                    + value
                                    + "' is neither on nor off");
        };
    }

    /// How many seconds the watchdog of all devices waits, as it was written; empty without one.
    public static Optional<String> watchdog() {
        return Optional.ofNullable(System.getProperty(WATCHDOG));
    }

    /// The profile of devices that say nothing themselves, as it was written; empty without one.
    public static Optional<String> profile() {
        return Optional.ofNullable(System.getProperty(PROFILE));
    }
}
