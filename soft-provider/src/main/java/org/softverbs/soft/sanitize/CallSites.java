package org.softverbs.soft.sanitize;

import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.softverbs.sanitizer.CallSite;

/// Finds who called: the first frame that is not of the library. What happens when a
/// device's own thread has its turn is told by that thread's first frame.
public final class CallSites {

    private static final StackWalker WALKER = StackWalker.getInstance();

    private final ConcurrentHashMap<CallSite, CallSite> known = new ConcurrentHashMap<>();

    CallSites() {}

    /// The program's call that led here, if one did.
    public static Optional<CallSite> caller() {
        return WALKER.walk(
                frames ->
                        frames.filter(frame -> !isOwn(frame.getClassName()))
                                .findFirst()
                                .map(CallSites::of));
    }

    CallSite here() {
        CallSite site = caller().orElse(new CallSite("none", "none", -1));
        CallSite same = known.putIfAbsent(site, site);
        return same == null ? site : same;
    }

    private static CallSite of(StackWalker.StackFrame frame) {
        return new CallSite(frame.getClassName(), frame.getMethodName(), frame.getLineNumber());
    }

    private static boolean isOwn(String className) {
        return className.startsWith("java.")
                || className.startsWith("org.softverbs.soft.")
                || className.startsWith("org.softverbs.rw.")
                || className.startsWith("org.softverbs.dma.");
    }
}
