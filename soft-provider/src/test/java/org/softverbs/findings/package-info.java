/// A program for each finding of the sanitizer, and its repaired twin, through public API only.
///
/// The test's thread uses all of it. Depends on the DMA API, the host and the JUnit extension.
@NullMarked
package org.softverbs.findings;

import org.jspecify.annotations.NullMarked;
