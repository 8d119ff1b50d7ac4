package org.softverbs.soft.cm;

/// The two transport services that are connected; by their value in a REQ.
public enum TransportService {
    RELIABLE_CONNECTION,
    UNRELIABLE_CONNECTION
}
