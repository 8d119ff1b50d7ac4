/// The tests that `docs/recipes.md` shows, and what keeps the two alike.
@NullMarked
package org.softverbs.recipes;

import org.jspecify.annotations.NullMarked;
