/// The verbs: devices, protection domains, memory regions, queue pairs, work requests, completions
/// and asynchronous events, in the vocabulary of the InfiniBand specification and of libibverbs.
///
/// Every object is safe to use from any thread unless its page says otherwise; cursors belong to
/// one thread at a time. A caller's bug is an `IllegalArgumentException` or
/// `IllegalStateException`; a verb that is refused is a [VerbsException] with errno, verb and
/// reason; the data path never throws: it gives a [WorkCompletionStatus] or an [AsyncEvent].
///
/// Depends on the JDK, JSpecify and `org.softverbs.dma` only.
package org.softverbs.verbs;
