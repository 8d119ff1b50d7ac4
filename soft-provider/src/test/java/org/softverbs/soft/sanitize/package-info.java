/// Tests of what the sanitizer remembers.
///
/// The test's thread uses all of it. Depends on the DMA layer and the host.
@NullMarked
package org.softverbs.soft.sanitize;

import org.jspecify.annotations.NullMarked;
