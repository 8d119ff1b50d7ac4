/// Tests of rings and queues.
@NullMarked
package org.softverbs.soft.queue;

import org.jspecify.annotations.NullMarked;
