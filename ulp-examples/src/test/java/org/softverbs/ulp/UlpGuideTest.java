package org.softverbs.ulp;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The pieces of the ULP guide, one behind the other, are a program; each prints what stands below.
class UlpGuideTest {

    private static final Pattern PIECE =
            Pattern.compile("```java\\n(.*?)```(?:\\n```text\\n(.*?)```)?", Pattern.DOTALL);

    private static final String MARK = "--- piece ";

    /// A piece of code, and what it prints.
    private record Piece(String code, String output) {}

    private static List<Piece> pieces() throws Exception {
        Matcher matcher = PIECE.matcher(Files.readString(Path.of("..", "docs", "ulp-guide.md")));
        List<Piece> pieces = new ArrayList<>();
        while (matcher.find()) {
            pieces.add(
                    new Piece(matcher.group(1), matcher.group(2) == null ? "" : matcher.group(2)));
        }
        return pieces;
    }

    private static String program(List<Piece> pieces) {
        StringBuilder text = new StringBuilder(pieces.getFirst().code());
        text.append("public class Guide { public static void main(String[] args) {\n");
        for (int i = 1; i < pieces.size(); i++) {
            text.append("System.out.println(\"").append(MARK).append(i).append("\");\n");
            text.append(pieces.get(i).code());
        }
        // Other tests have these addresses to themselves.
        return text.append("}}\n")
                .toString()
                .replace("hca@127.0.0.1", "hca@127.6.0.1")
                .replace("rxe@127.0.0.2", "rxe@127.6.0.2");
    }

    private static String run(Path folder) throws Exception {
        ByteArrayOutputStream output = new ByteArrayOutputStream();
        PrintStream before = System.out;
        try (URLClassLoader loader = new URLClassLoader(new URL[] {folder.toUri().toURL()});
                PrintStream out = new PrintStream(output, true, StandardCharsets.UTF_8)) {
            System.setOut(out);
            loader.loadClass("Guide")
                    .getMethod("main", String[].class)
                    .invoke(null, (Object) new String[0]);
        } finally {
            System.setOut(before);
        }
        return output.toString(StandardCharsets.UTF_8);
    }

    @Test
    void shouldPrintBelowEachPieceWhatItPrints(@TempDir Path folder) throws Exception {
        List<Piece> pieces = pieces();
        assertThat(pieces).hasSizeGreaterThan(8);
        Path source = folder.resolve("Guide.java");
        Files.writeString(source, program(pieces));
        int compiled =
                ToolProvider.getSystemJavaCompiler()
                        .run(
                                null,
                                null,
                                null,
                                "-cp",
                                System.getProperty("java.class.path"),
                                "-d",
                                folder.toString(),
                                source.toString());
        assertThat(compiled).isZero();
        StringBuilder expected = new StringBuilder();
        for (int i = 1; i < pieces.size(); i++) {
            expected.append(MARK).append(i).append('\n').append(pieces.get(i).output());
        }
        assertThat(run(folder).lines().toList()).isEqualTo(expected.toString().lines().toList());
    }
}
