package org.softverbs.soft.sanitize;

/// A device that the sanitizer watches.
public interface WatchedDevice {

    /// What is known of it.
    DeviceLedger ledger();
}
