/// Work queues and completion queues: bounded rings between the threads that post and poll and the
/// one that owns the device.
///
/// Depends on the verbs API and, for where datagrams go, on `packet`.
@NullMarked
package org.softverbs.soft.queue;

import org.jspecify.annotations.NullMarked;
