package org.softverbs.ulp.rdmacm;

import java.time.Duration;
import java.util.Optional;
import org.softverbs.cm.CmEvent;
import org.softverbs.cm.CmEventType;
import org.softverbs.cm.EventChannel;
import org.softverbs.ulp.tool.ToolException;

/// Takes the events that a command waits for.
final class CmEvents {

    /// Longer than any connect takes to fail.
    static final Duration PATIENCE = Duration.ofMinutes(6);

    private CmEvents() {}

    /// Waits for the next event, acknowledged already, whatever it is.
    static Optional<CmEvent> next(EventChannel channel, Duration patience)
            throws InterruptedException {
        Optional<CmEvent> event = channel.await(patience);
        event.ifPresent(CmEvent::acknowledge);
        return event;
    }

    /// Waits for an event of one type.
    ///
    /// @throws ToolException when another comes, with the reason if it tells of a failure
    static CmEvent expect(EventChannel channel, CmEventType wanted) throws InterruptedException {
        CmEvent event =
                next(channel, PATIENCE)
                        .orElseThrow(() -> new ToolException("no event came: " + wanted));
        if (event.type() != wanted) {
            throw failure(event);
        }
        return event;
    }

    /// What an event that should not have come says.
    static ToolException failure(CmEvent event) {
        String why = event.explanation().map(it -> ": " + it.line()).orElse("");
        return new ToolException("event " + event.type() + ", status " + event.status() + why);
    }
}
