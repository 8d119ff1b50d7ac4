package org.softverbs.soft.link;

/// What a link tells of its port, apart from packets.
public enum PortChange {
    /// Nothing passes any more.
    DOWN,
    /// Packets pass again.
    UP,
    /// The port has another address: [PacketLink#address()] is the new one. Nothing that is for the
    /// old one arrives, and nothing leaves from it.
    ADDRESS,
    /// The device was taken out: nothing will ever pass again.
    REMOVED
}
