/// Fuzzing: headers, the responder and the requester of a reliable connection with inputs that
/// nobody wrote, each judged by what must hold for any input.
///
/// An input is bytes; [org.softverbs.fuzz.Choices] makes decisions of them, so that chance, a file
/// and a fuzzer guided by coverage drive the same targets. Owner thread: the test's. Depends on the
/// engines and on a device over a link of its own.
@NullMarked
package org.softverbs.fuzz;

import org.jspecify.annotations.NullMarked;
