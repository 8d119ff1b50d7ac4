package org.softverbs.verbs;

/// A device that can be opened.
///
/// Verbs name: `ibv_device`.
///
/// @param name what [RdmaDevices#open(String)] takes, for example `rxe@127.0.0.1`
/// @param nodeGuid identifier of the device
/// @param interfaceName the network interface it sits on
public record RdmaDevice(String name, long nodeGuid, String interfaceName) {}
