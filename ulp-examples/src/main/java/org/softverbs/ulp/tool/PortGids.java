package org.softverbs.ulp.tool;

import java.util.List;
import org.softverbs.verbs.DeviceContext;
import org.softverbs.verbs.GidEntry;
import org.softverbs.verbs.GlobalIdentifier;

/// What a tool's device is addressed by. A device may have nothing: one of IPv4 only at an IPv6
/// address.
public final class PortGids {

    private static final int PORT = 1;

    private PortGids() {}

    /// The first.
    ///
    /// @throws ToolException when there is none
    public static GlobalIdentifier first(DeviceContext context) {
        List<GidEntry> table = context.gidTable(PORT);
        if (table.isEmpty()) {
            throw new ToolException(context.device().name() + " has no GID: nobody can send to it");
        }
        return table.getFirst().gid();
    }

    /// That of an index.
    ///
    /// @throws ToolException when there is none
    public static GidEntry at(DeviceContext context, int index) {
        return context.gidTable(PORT).stream()
                .filter(entry -> entry.index() == index)
                .findFirst()
                .orElseThrow(
                        () ->
                                new ToolException(
                                        "GID index "
                                                + index
                                                + " is not in the table of "
                                                + context.device().name()
                                                + ", which has "
                                                + context.gidTable(PORT).size()));
    }
}
