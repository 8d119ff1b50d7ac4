package org.softverbs.soft.link;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.softverbs.verbs.GlobalIdentifier;

/// A network inside this JVM. Its links have one owner between them; packets pass by reference, so
/// that the payload is moved once, from the sender's memory to the receiver's.
public final class InProcessNetwork {

    /// Packets under way in the whole network.
    static final int CAPACITY = 1024;

    private final Map<GlobalIdentifier, InProcessLink> links = new LinkedHashMap<>();

    /// The same links: to walk over a list by index allocates nothing.
    private final List<InProcessLink> list = new ArrayList<>();

    private final Map<GlobalIdentifier, List<InProcessLink>> groups = new LinkedHashMap<>();
    private final int mtu;
    private int underWay;

    /// @param mtu MTU of every interface in bytes
    public InProcessNetwork(int mtu) {
        this.mtu = mtu;
    }

    /// Joins the network.
    ///
    /// @throws IllegalArgumentException when the address is taken
    public InProcessLink join(GlobalIdentifier address) {
        InProcessLink link = new InProcessLink(this, address, mtu);
        if (links.putIfAbsent(address, link) != null) {
            throw new IllegalArgumentException("address " + address + " is in use");
        }
        list.add(link);
        return link;
    }

    void leave(InProcessLink link) {
        links.remove(link.address());
        list.remove(link);
        groups.values().forEach(members -> members.remove(link));
    }

    void join(InProcessLink link, GlobalIdentifier group) {
        groups.computeIfAbsent(group, any -> new ArrayList<>()).add(link);
    }

    void leave(InProcessLink link, GlobalIdentifier group) {
        List<InProcessLink> members = groups.get(group);
        if (members != null && members.remove(link) && members.isEmpty()) {
            groups.remove(group);
        }
    }

    /// The links that joined a group, in the order in which they did.
    List<InProcessLink> members(GlobalIdentifier group) {
        return groups.getOrDefault(group, List.of());
    }

    @Nullable InProcessLink find(GlobalIdentifier address) {
        return links.get(address);
    }

    boolean hasRoom() {
        return underWay < CAPACITY;
    }

    void entered() {
        underWay++;
    }

    void left() {
        underWay--;
    }

    void detachAll() {
        for (int i = 0; i < list.size(); i++) {
            list.get(i).ownPayloads();
        }
    }
}
