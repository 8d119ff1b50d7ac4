package org.softverbs.soft.cm;

/// Who is told what becomes of a connection. Called as owner, when the engine has done its work: it
/// may use every method of the engine.
@FunctionalInterface
public interface CmConsumer {

    void onNotice(CmNotice notice, long nowNanos);
}
