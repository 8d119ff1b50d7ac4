/// What the DMA sanitizer finds, and how it tells: misuse of the DMA layer and of keys, as the
/// kernel's `dma-debug` finds it, and more.
///
/// Depends on the DMA API only.
@NullMarked
package org.softverbs.sanitizer;

import org.jspecify.annotations.NullMarked;
