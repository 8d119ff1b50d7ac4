package org.softverbs.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// `softverbs rpkt`.
class RpktCommandTest {

    private static final String GOOD =
            "# A short message is one packet.\npost send id=1 bytes=8\n> SEND_ONLY psn=100\n";

    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    @TempDir private Path folder;

    @Test
    void shouldSayOkOfEachScriptThatHolds() throws IOException {
        Path first = write("a.rpkt", GOOD);
        Path second = write("b.rpkt", GOOD);
        assertThat(run(first.toString(), second.toString())).isZero();
        assertThat(out.toString()).isEqualTo("ok " + first + "\nok " + second + "\n");
        assertThat(err.toString()).isEmpty();
    }

    @Test
    void shouldRunTheScriptsOfAFolder() throws IOException {
        Path script = write("a.rpkt", GOOD);
        write("notes.txt", "none");
        assertThat(run(folder.toString())).isZero();
        assertThat(out.toString()).isEqualTo("ok " + script + "\n");
    }

    @Test
    void shouldShowWhatFailedAndGoOn() throws IOException {
        Path bad = write("a.rpkt", GOOD.replace("psn=100", "psn=101"));
        Path good = write("b.rpkt", GOOD);
        assertThat(run(bad.toString(), good.toString())).isEqualTo(1);
        assertThat(out.toString())
                .startsWith(bad + ":3: expected\n    > SEND_ONLY psn=101\n")
                .endsWith("psn is 100, not 101\nok " + good + "\n");
        assertThat(err.toString()).isEqualTo("softverbs rpkt: 1 of 2 scripts failed\n");
    }

    @Test
    void shouldSayWhereATextIsNoScript() throws IOException {
        Path bad = write("a.rpkt", GOOD.replace("post", "psot"));
        assertThat(run(bad.toString())).isEqualTo(1);
        assertThat(out.toString())
                .isEqualTo(bad + ":2: no statement 'psot'; did you mean 'post'?\n");
    }

    @Test
    void shouldSayInOneLineWhatIsWrongWithAFile() throws IOException {
        assertThat(run("/nowhere/a.rpkt")).isEqualTo(1);
        assertThat(err.toString()).isEqualTo("softverbs rpkt: /nowhere/a.rpkt: no such file\n");
        err.getBuffer().setLength(0);
        assertThat(run(folder.toString())).isEqualTo(1);
        assertThat(err.toString())
                .isEqualTo("softverbs rpkt: " + folder + ": no .rpkt file in it\n");
        err.getBuffer().setLength(0);
        Path binary = Files.write(folder.resolve("x.rpkt"), new byte[] {(byte) 0xff, 0, 1});
        assertThat(run(binary.toString())).isEqualTo(1);
        assertThat(err.toString()).isEqualTo("softverbs rpkt: " + binary + ": no UTF-8 text\n");
    }

    @Test
    void shouldWantAFile() {
        assertThat(run()).isEqualTo(2);
        assertThat(err.toString()).contains("FILE").contains("Try 'softverbs rpkt --help'.");
    }

    @Test
    void shouldExplainItself() {
        assertThat(run("--help")).isZero();
        assertThat(out.toString()).startsWith("Usage: softverbs rpkt");
    }

    private Path write(String name, String text) throws IOException {
        return Files.writeString(folder.resolve(name), text);
    }

    private int run(String... args) {
        String[] all = new String[args.length + 1];
        all[0] = "rpkt";
        System.arraycopy(args, 0, all, 1, args.length);
        return Softverbs.run(new PrintWriter(out, true), new PrintWriter(err, true), all);
    }
}
