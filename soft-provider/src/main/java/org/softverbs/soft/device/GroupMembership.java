package org.softverbs.soft.device;

import org.softverbs.verbs.Errno;
import org.softverbs.verbs.GlobalIdentifier;
import org.softverbs.verbs.QueuePairType;
import org.softverbs.verbs.VerbsException;

/// The verbs of a queue pair about multicast groups. Any thread.
final class GroupMembership {

    private static final String DETACH = "detachMulticast";

    private final SoftQueuePair queuePair;

    GroupMembership(SoftQueuePair queuePair) {
        this.queuePair = queuePair;
    }

    private SoftDevice device() {
        return queuePair.device();
    }

    void attach(GlobalIdentifier group) {
        queuePair.requireOpen();
        requireGroup(MulticastGroups.ATTACH, group);
        device().owner()
                .run(
                        () -> {
                            device().requirePresent(MulticastGroups.ATTACH);
                            queuePair.requireOpen();
                            device().engine().groups().attach(queuePair.port(), group);
                        });
    }

    void detach(GlobalIdentifier group) {
        queuePair.requireOpen();
        requireGroup(DETACH, group);
        if (!device().owner()
                .call(() -> device().engine().groups().detach(queuePair.port(), group))) {
            throw new VerbsException(
                    Errno.EINVAL, DETACH, queuePair + " is not attached to " + group);
        }
    }

    private void requireGroup(String verb, GlobalIdentifier group) {
        QueuePairType type = queuePair.type();
        if (type != QueuePairType.UD) {
            throw new VerbsException(
                    Errno.EINVAL,
                    verb,
                    "a queue pair of type " + type + " is in no groups: only one of type UD is");
        }
        if (!group.isMulticast()) {
            throw new VerbsException(Errno.EINVAL, verb, group + " is no multicast GID");
        }
    }

    /// @throws VerbsException `EBUSY` when it is attached to a group
    void requireNone() {
        int groups =
                device().owner()
                        .call(() -> device().engine().groups().attachments(queuePair.port()));
        if (groups > 0) {
            throw new VerbsException(
                    Errno.EBUSY,
                    "closeQueuePair",
                    queuePair + " is attached to multicast groups: " + groups);
        }
    }
}
