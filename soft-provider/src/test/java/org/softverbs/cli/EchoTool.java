package org.softverbs.cli;

import java.io.PrintWriter;
import java.util.Optional;
import java.util.spi.ToolProvider;

/** A tool as another module would add it. */
public final class EchoTool implements ToolProvider {

    @Override
    public String name() {
        return "echo";
    }

    @Override
    public Optional<String> description() {
        return Optional.of("Repeat the arguments.");
    }

    @Override
    public int run(PrintWriter out, PrintWriter err, String... args) {
        if (args.length == 0) {
            throw new IllegalStateException("nothing to say");
        }
        out.println(String.join(" ", args));
        return 7;
    }
}
