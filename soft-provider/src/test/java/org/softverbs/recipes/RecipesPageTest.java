package org.softverbs.recipes;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/// Keeps `docs/recipes.md` true: its pieces of code, one behind the other, are [RecipesTest].
class RecipesPageTest {

    private static final Path PAGE = Path.of("..", "docs", "recipes.md");
    private static final Path SOURCE =
            Path.of("src", "test", "java", "org", "softverbs", "recipes", "RecipesTest.java");
    private static final Pattern BLOCK = Pattern.compile("```java\\n(.*?)```", Pattern.DOTALL);
    private static final int RECIPES = 13;

    @Test
    void shouldShowExactlyTheCodeThatIsRun() throws IOException {
        Matcher matcher = BLOCK.matcher(Files.readString(PAGE));
        List<String> blocks = matcher.results().map(result -> result.group(1)).toList();
        StringBuilder joined = new StringBuilder(blocks.getFirst());
        for (String block : blocks.subList(1, blocks.size())) {
            joined.append('\n').append(block.indent(4).replaceAll("(?m)^ +$", ""));
        }
        assertThat(joined.append("}\n")).hasToString(Files.readString(SOURCE));
        assertThat(blocks).hasSize(1 + RECIPES);
    }
}
