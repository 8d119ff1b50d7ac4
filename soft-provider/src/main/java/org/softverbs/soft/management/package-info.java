/// The open devices of a program as managed beans, so that another process on the machine can look
/// at them while they run: `softverbs counters` and `softverbs resources`, or any JMX console.
///
/// Any thread; what is read is read by the owner of the device. Depends on the verbs API and JMX.
@NullMarked
package org.softverbs.soft.management;

import org.jspecify.annotations.NullMarked;
