package org.softverbs.ulp.tool;

import java.io.IOException;
import java.net.BindException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Optional;

/// A TCP port on which clients are waited for, one after the other.
///
/// Safe to close from any thread, which ends the wait.
public final class SideListener implements AutoCloseable {

    private final ServerSocket server;

    /// @param port 0 for one that is free
    /// @throws ToolException when it cannot be had
    public SideListener(int port) {
        try {
            server = new ServerSocket();
            server.setReuseAddress(true);
            server.bind(new InetSocketAddress(port));
        } catch (BindException e) {
            throw new ToolException("TCP port " + port + " is in use", e);
        } catch (IOException e) {
            throw new ToolException("TCP port " + port + ": " + e.getMessage(), e);
        }
    }

    public int port() {
        return server.getLocalPort();
    }

    /// Waits for a client.
    ///
    /// @return nothing when this was closed
    public Optional<SideChannel> accept() {
        try {
            Socket socket = server.accept();
            return Optional.of(
                    new SideChannel(socket, String.valueOf(socket.getRemoteSocketAddress())));
        } catch (IOException e) {
            if (server.isClosed()) {
                return Optional.empty();
            }
            throw new ToolException("TCP port " + port() + ": " + e.getMessage(), e);
        }
    }

    @Override
    public void close() {
        try {
            server.close();
        } catch (IOException e) {
            throw new ToolException("closing TCP port " + port(), e);
        }
    }
}
