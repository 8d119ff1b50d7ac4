package org.softverbs.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/// What must hold of the suite itself.
class SuiteTest {

    private final Map<String, Row> table = Row.table();
    private final List<Suite.Case> cases = Suite.cases();

    @Test
    void shouldHaveTheWholeTable() {
        assertThat(table).hasSize(433);
        assertThat(table.values().stream().filter(Row::isRequired)).hasSize(372);
    }

    @Test
    void shouldCarryKnownIdsOnly() {
        assertThat(cases).isNotEmpty();
        for (Suite.Case test : cases) {
            assertThat(table.keySet()).as(test.name()).containsAll(test.rows());
        }
    }

    @Test
    void shouldCarryAnIdWithEveryTest() {
        assertThat(cases).filteredOn(test -> test.rows().isEmpty()).isEmpty();
    }

    @Test
    void shouldHaveNamesThatAreUnique() {
        assertThat(cases).extracting(Suite.Case::name).doesNotHaveDuplicates();
    }

    @Test
    void shouldCallAtMostOneRowInTenNotApplicable() {
        Map<String, String> reasons = Row.notApplicable();
        assertThat(table.keySet()).containsAll(reasons.keySet());
        assertThat(reasons.values()).allMatch(reason -> !reason.isBlank());
        long required =
                reasons.keySet().stream().map(table::get).filter(SuiteTest::isRequired).count();
        assertThat(required).isLessThanOrEqualTo(372 / 10);
    }

    private static boolean isRequired(Row row) {
        return row.isRequired();
    }

    @Test
    void shouldTestNothingThatIsNotApplicable() {
        List<String> both = new ArrayList<>();
        for (Suite.Case test : cases) {
            test.rows().stream().filter(Row.notApplicable()::containsKey).forEach(both::add);
        }
        assertThat(both).isEmpty();
    }
}
