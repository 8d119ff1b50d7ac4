package org.softverbs.interop;

import java.util.Arrays;
import java.util.stream.Stream;
import org.softverbs.interop.LossyLink.Impairment;

/// One run of a stock tool against ours: who is server, and what the link does.
final class Match {

    /// Which end our node is.
    enum Role {
        CLIENT,
        SERVER
    }

    /// What the link does.
    enum Link {
        CLEAN,
        /// 1 % loss, 5 % reordering, 1 % duplication, in both directions.
        IMPAIRED
    }

    /// The two ends of a run, both of which ended with exit code 0.
    ///
    /// @param ours what our tool printed
    /// @param stock what the stock tool printed
    record Outcome(CommandResult ours, CommandResult stock) {}

    private final KernelGuest guest;
    private final NodeContainer node;
    private final String kind;

    Match(KernelGuest guest, NodeContainer node) {
        this(guest, node, "rxe");
    }

    /// @param kind of our device: `rxe` or `hca`
    Match(KernelGuest guest, NodeContainer node, String kind) {
        this.guest = guest;
        this.node = node;
        this.kind = kind;
    }

    /// Runs both ends to their end and requires that both succeed.
    ///
    /// @param stock the stock command without a server's address
    /// @param tool our subcommand
    /// @param ours its arguments without a server's address
    Outcome play(Role role, Link link, String[] stock, String tool, String... ours) {
        if (link == Link.CLEAN) {
            return play(role, stock, tool, ours);
        }
        LossyLink impaired = LossyLink.both(guest, Impairment.ALL);
        try {
            return play(role, stock, tool, ours);
        } finally {
            impaired.close();
        }
    }

    private Outcome play(Role role, String[] stock, String tool, String... ours) {
        return switch (role) {
            case CLIENT -> {
                LabCommand server = guest.start(stock);
                server.awaitReady(ReadyWhen.listening(StockTool.PORT));
                LabCommand client = node.startSoftverbsOn(kind, tool, with(ours, guest.address()));
                yield outcome(client, server);
            }
            case SERVER -> {
                LabCommand server = node.startSoftverbsOn(kind, tool, ours);
                server.awaitReady(ReadyWhen.listening(StockTool.PORT));
                LabCommand client = guest.start(with(stock, node.address()));
                yield outcome(server, client);
            }
        };
    }

    private static Outcome outcome(LabCommand ours, LabCommand stock) {
        CommandResult ourEnd;
        try {
            ourEnd = ours.await(StockTool.PATIENCE);
        } catch (AssertionError e) {
            stock.kill();
            throw new AssertionError(e.getMessage() + "\n" + stock.await(LabHost.QUICK), e);
        }
        if (!ourEnd.succeeded()) {
            stock.kill();
            throw new AssertionError(ourEnd + "\n" + stock.await(LabHost.QUICK));
        }
        CommandResult stockEnd = stock.await(StockTool.PATIENCE);
        if (!stockEnd.succeeded()) {
            throw new AssertionError(stockEnd + "\n" + ourEnd);
        }
        return new Outcome(ourEnd, stockEnd);
    }

    private static String[] with(String[] words, String last) {
        return Stream.concat(Arrays.stream(words), Stream.of(last)).toArray(String[]::new);
    }
}
