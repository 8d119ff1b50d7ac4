/// The machine that devices belong to: its clock, its random source, its address space.
///
/// Depends on the JDK only. [Host] is safe to use from any thread.
@NullMarked
package org.softverbs.soft.host;

import org.jspecify.annotations.NullMarked;
