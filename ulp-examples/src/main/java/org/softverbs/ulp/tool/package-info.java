/// What the command line tools have in common: options, output, failures, and the TCP connection
/// over which two ends tell each other where they are.
///
/// Depends on the verbs API with its connection manager, picocli and Jackson.
@NullMarked
package org.softverbs.ulp.tool;

import org.jspecify.annotations.NullMarked;
