package org.softverbs.soft.cm;

import org.softverbs.verbs.GlobalIdentifier;

/// What the engine must know of its device.
public interface CmIdentity {

    /// The GUID of the channel adapter: the same in every message, for ever.
    long guid();

    /// Whether this is an address of the device now.
    boolean hasGid(GlobalIdentifier gid);

    /// The largest path MTU that it takes, as a number of the specification, 1 to 5.
    int maxPathMtu();

    /// Random bits that a peer cannot guess, in the low end.
    int randomBits(int bits);
}
