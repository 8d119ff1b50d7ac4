/// Benchmarks, and the raw transports that they are measured against.
@NullMarked
package org.softverbs.soft.bench;

import org.jspecify.annotations.NullMarked;
