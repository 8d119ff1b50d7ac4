package org.softverbs.soft.device;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.softverbs.soft.link.FilterLink;
import org.softverbs.soft.link.PacketLink;

/// A link that keeps something in memory which is to be saved when the JVM ends before the link is
/// closed, as by Ctrl-C.
final class GuardedLink extends FilterLink {

    private static final Logger LOG = LoggerFactory.getLogger(GuardedLink.class);

    private final Thread hook;

    /// @param inner the link
    /// @param save saves what it keeps; on a thread of its own
    /// @throws IllegalStateException when the JVM ends already
    GuardedLink(PacketLink inner, Runnable save) {
        super(inner);
        hook = Thread.ofPlatform().name("softverbs-exit").unstarted(save);
        Runtime.getRuntime().addShutdownHook(hook);
    }

    @Override
    public void close() {
        try {
            Runtime.getRuntime().removeShutdownHook(hook);
        } catch (IllegalStateException ending) {
            LOG.debug("the JVM ends: what is kept is saved by its hook too", ending);
        } finally {
            super.close();
        }
    }
}
