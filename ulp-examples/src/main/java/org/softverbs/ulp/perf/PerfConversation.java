package org.softverbs.ulp.perf;

import java.time.Duration;

/// What the two ends of a test talk over, beside the test itself.
///
/// Every failure is a [org.softverbs.ulp.tool.ToolException] that says what was being done.
interface PerfConversation extends AutoCloseable {

    String peer();

    /// Whether it goes over a queue pair: then key records are binary, and there is no goodbye.
    boolean isManaged();

    /// How long to wait for a message; zero waits for ever.
    void readTimeout(Duration timeout);

    void send(byte[] bytes);

    /// Waits for a message of so many bytes.
    ///
    /// @param what the message, for the error
    byte[] receive(int length, String what);

    /// Sends nothing more, and waits until the peer has ended the conversation, or the time is
    /// over.
    void awaitEnd(Duration timeout);

    @Override
    void close();
}
