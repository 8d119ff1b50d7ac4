package org.softverbs.ulp.tool;

import java.time.Duration;
import java.util.Optional;
import org.softverbs.cm.CmEvent;
import org.softverbs.cm.CmEventType;
import org.softverbs.cm.EventChannel;

/// Takes the events that a command waits for.
public final class CmEvents {

    /// Longer than any connect takes to fail.
    public static final Duration PATIENCE = Duration.ofMinutes(6);

    private CmEvents() {}

    /// Waits for the next event, acknowledged already, whatever it is.
    public static Optional<CmEvent> next(EventChannel channel, Duration patience)
            throws InterruptedException {
        Optional<CmEvent> event = channel.await(patience);
        event.ifPresent(CmEvent::acknowledge);
        return event;
    }

    /// Waits for an event of one type, longer than any connect takes to fail.
    ///
    /// @throws ToolException when another comes, with the reason if it tells of a failure
    public static CmEvent expect(EventChannel channel, CmEventType wanted)
            throws InterruptedException {
        return expect(channel, wanted, PATIENCE);
    }

    /// Waits for an event of one type.
    ///
    /// @throws ToolException when another comes, or none in time
    public static CmEvent expect(EventChannel channel, CmEventType wanted, Duration patience)
            throws InterruptedException {
        CmEvent event =
                next(channel, patience)
                        .orElseThrow(() -> new ToolException("no event came: " + wanted));
        if (event.type() != wanted) {
            throw failure(event);
        }
        return event;
    }

    /// What an event that should not have come says.
    public static ToolException failure(CmEvent event) {
        String why = event.explanation().map(it -> ": " + it.line()).orElse("");
        return new ToolException("event " + event.type() + ", status " + event.status() + why);
    }
}
