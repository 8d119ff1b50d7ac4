/// The DMA sanitizer: remembers every mapping of a host's devices and judges what is done to them.
///
/// Any thread uses it; one lock guards all of it. It is made only when it is switched on.
/// Depends on `physical`, `packet`, `jfr` and the DMA API.
@NullMarked
package org.softverbs.soft.sanitize;

import org.jspecify.annotations.NullMarked;
