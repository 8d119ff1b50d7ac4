package org.softverbs.soft.rdmacm;

import java.util.List;
import org.softverbs.cm.AddressInfo;
import org.softverbs.cm.CmEventType;
import org.softverbs.verbs.Cause;
import org.softverbs.verbs.Explanation;
import org.softverbs.verbs.SetupCause;
import org.softverbs.verbs.VerbsException;

/// The addresses of names that an ID asked for.
final class AddressLookup {

    private final SoftConnectionId id;
    private volatile List<AddressInfo> found = List.of();

    AddressLookup(SoftConnectionId id) {
        this.id = id;
    }

    List<AddressInfo> found() {
        return found;
    }

    /// Looks a name up, without any lock.
    ///
    /// @return the event that tells what came of it
    SoftCmEvent lookUp(String node, int port) {
        try {
            found = AddressInfo.of(id.portSpace(), node, port);
            return SoftCmEvent.of(CmEventType.ADDRINFO_RESOLVED, id).build();
        } catch (VerbsException unknown) {
            found = List.of();
            Cause why = new SetupCause.UnknownName(node);
            return SoftCmEvent.of(CmEventType.ADDRINFO_ERROR, id)
                    .status(-unknown.errno().number())
                    .explanation(Explanation.of(why))
                    .build();
        }
    }
}
