package org.softverbs.cm;

/// Who is told of events as they happen; see [EventChannel#deliverTo].
@FunctionalInterface
public interface CmEventListener {

    void onEvent(CmEvent event);
}
