/// Queue pairs without a transport: numbers, state, queues, connection attributes, and the
/// interface between a transport engine and the device it lives in.
///
/// Everything here belongs to the owner of the device, except the queues and the state, which
/// posters read. Depends on `queue`, `memory`, `packet`, `jfr` and the verbs API.
@NullMarked
package org.softverbs.soft.qp;

import org.jspecify.annotations.NullMarked;
