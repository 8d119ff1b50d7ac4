/// What a provider implements so that [org.softverbs.cm.ConnectionManager] finds it.
///
/// Depends on `cm` and `verbs`.
package org.softverbs.cm.spi;
