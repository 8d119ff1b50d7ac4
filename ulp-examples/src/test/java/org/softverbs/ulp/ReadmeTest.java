package org.softverbs.ulp;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The program in the README compiles against the API and does what the README says.
class ReadmeTest {

    private static final Pattern JAVA = Pattern.compile("```java\\n(.*?)```", Pattern.DOTALL);

    @Test
    void shouldPrintWhatTheReadmePromises(@TempDir Path folder) throws Exception {
        Path source = folder.resolve("FirstWrite.java");
        Files.writeString(source, firstProgram().replace("127.0.0.1", "127.3.0.1"));
        String classPath = System.getProperty("java.class.path");
        int compiled =
                ToolProvider.getSystemJavaCompiler()
                        .run(null, null, null, "-cp", classPath, source.toString());
        assertThat(compiled).isZero();

        Process process =
                new ProcessBuilder(
                                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                                "--enable-native-access=ALL-UNNAMED",
                                "-cp",
                                classPath + ":" + folder,
                                "FirstWrite")
                        .redirectErrorStream(true)
                        .start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
        assertThat(output.lines().toList()).contains("SUCCESS hello");
        assertThat(process.exitValue()).isZero();
    }

    private static String firstProgram() throws IOException {
        Matcher matcher = JAVA.matcher(Files.readString(Path.of("..", "README.md")));
        assertThat(matcher.find()).isTrue();
        return matcher.group(1);
    }
}
