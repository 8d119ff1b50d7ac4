/// What a provider implements so that [org.softverbs.verbs.RdmaDevices] finds it.
///
/// Depends on the verbs themselves only.
package org.softverbs.verbs.spi;
