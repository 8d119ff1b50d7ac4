package org.softverbs.ulp.perf;

import java.time.Duration;
import org.softverbs.ulp.tool.SideChannel;

/// Over TCP, as perftest does it unless told otherwise.
final class TcpConversation implements PerfConversation {

    private final SideChannel channel;

    /// @param channel connected; closed with this
    TcpConversation(SideChannel channel) {
        this.channel = channel;
    }

    @Override
    public String peer() {
        return channel.peer();
    }

    @Override
    public boolean isManaged() {
        return false;
    }

    @Override
    public void readTimeout(Duration timeout) {
        channel.readTimeout(timeout);
    }

    @Override
    public void send(byte[] bytes) {
        channel.send(bytes);
    }

    @Override
    public byte[] receive(int length, String what) {
        return channel.receive(length, what);
    }

    @Override
    public void awaitEnd(Duration timeout) {
        channel.readTimeout(timeout);
        channel.endOutput();
        channel.awaitClosed();
    }

    @Override
    public void close() {
        channel.close();
    }
}
