/// Keys, and the one place where an access to memory is granted or refused.
///
/// The key table is changed and read by the owner of its device only. Depends on `packet`, `host`
/// (for the random source), `collection`, `jfr` and the verbs API.
@NullMarked
package org.softverbs.soft.memory;

import org.jspecify.annotations.NullMarked;
