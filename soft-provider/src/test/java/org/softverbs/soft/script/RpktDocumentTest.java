package org.softverbs.soft.script;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/// `docs/packet-scripts.md` against the form.
class RpktDocumentTest {

    private static final String DOCUMENT = Scripts.text(Path.of("..", "docs", "packet-scripts.md"));
    private static final Pattern SCRIPT = Pattern.compile("(?s)```\\n(# .*?)```");

    @Test
    void shouldShowScriptsThatHold() {
        List<String> scripts =
                SCRIPT.matcher(DOCUMENT)
                        .results()
                        .map((MatchResult each) -> each.group(1))
                        .toList();
        assertThat(scripts).isNotEmpty();
        for (String script : scripts) {
            assertThat(Scripts.complaint(script)).as(script).isEmpty();
        }
    }

    @Test
    void shouldNameEveryStatement() {
        for (Verb verb : Verb.values()) {
            assertThat(DOCUMENT).contains("`" + verb.keyword());
        }
    }

    @Test
    void shouldNameEveryField() {
        for (Field field : Field.values()) {
            assertThat(DOCUMENT).containsPattern("[` ]" + field.text() + "[=` ]");
        }
    }
}
