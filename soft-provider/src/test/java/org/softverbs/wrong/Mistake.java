package org.softverbs.wrong;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import org.softverbs.sanitizer.Finding;
import org.softverbs.verbs.AsyncEventType;
import org.softverbs.verbs.Cause;
import org.softverbs.verbs.Errno;
import org.softverbs.verbs.VerbCause;
import org.softverbs.verbs.Wait;
import org.softverbs.verbs.WorkCompletionStatus;

/// The corpus: what its wrong ULPs do, and what they then find: statuses or error numbers, then the
/// types of roots of explanations, of this side and of the peer.
enum Mistake {
    USE_AFTER_DEREGISTRATION(WorkCompletionStatus.LOC_PROT_ERR, Cause.MemoryRefused.class),
    STALE_REMOTE_KEY(
            WorkCompletionStatus.REM_ACCESS_ERR,
            Cause.PeerRefused.class,
            Cause.MemoryRefused.class),
    MISSING_ACCESS_RIGHT(
            WorkCompletionStatus.REM_ACCESS_ERR,
            Cause.PeerRefused.class,
            Cause.MemoryRefused.class),
    DOMAIN_MISMATCH(WorkCompletionStatus.LOC_PROT_ERR, Cause.MemoryRefused.class),
    WRONG_REMOTE_ADDRESS(
            WorkCompletionStatus.REM_ACCESS_ERR,
            Cause.PeerRefused.class,
            Cause.MemoryRefused.class),
    MISALIGNED_ATOMIC(
            WorkCompletionStatus.REM_INV_REQ_ERR,
            Cause.PeerRefused.class,
            Cause.PeerRequestRefused.class),
    NO_RECEIVE_POSTED(
            WorkCompletionStatus.RNR_RETRY_EXC_ERR,
            Cause.ReceiverNotReady.class,
            Wait.Receive.class),
    RECEIVE_TOO_SMALL(
            WorkCompletionStatus.REM_INV_REQ_ERR,
            WorkCompletionStatus.LOC_LEN_ERR,
            Cause.PeerRefused.class,
            Cause.PeerRequestRefused.class),
    WRONG_GID(WorkCompletionStatus.RETRY_EXC_ERR, Cause.RetriesExceeded.class),
    WRONG_PSN(WorkCompletionStatus.RETRY_EXC_ERR, Cause.RetriesExceeded.class),
    MTU_MISMATCH(
            WorkCompletionStatus.REM_INV_REQ_ERR,
            Cause.PeerRefused.class,
            Cause.PeerRequestRefused.class),
    READ_WITHOUT_CREDIT(Wait.ReadCredit.class),
    WRONG_STATE(Errno.EINVAL, VerbCause.WrongState.class),
    UNSIGNALED_OVERFLOW(Errno.ENOMEM, VerbCause.SendQueueFull.class),
    COMPLETION_QUEUE_TOO_SMALL(AsyncEventType.CQ_ERR, Cause.CompletionQueueOverrun.class),
    INLINE_TOO_BIG(Errno.EINVAL, VerbCause.LimitExceeded.class),
    BUFFER_REUSED_BEFORE_COMPLETION(Finding.SEND_BUFFER_CHANGED),
    WRONG_TEARDOWN_ORDER(Errno.EBUSY, VerbCause.StillInUse.class),
    EVENTS_NOT_ACKNOWLEDGED(Errno.EBUSY, VerbCause.EventsNotAcknowledged.class),
    USE_AFTER_DESTROY(IllegalStateException.class);

    private final String facts;

    Mistake(Object... facts) {
        this.facts = String.join(" ", names(facts));
    }

    /// What its wrong ULP finds, by name.
    List<String> facts() {
        return List.of(facts.split(" ", -1));
    }

    /// Values by their names, causes and exceptions by those of their types.
    static List<String> names(Object... facts) {
        return Arrays.stream(facts)
                .map(
                        fact ->
                                switch (fact) {
                                    case Enum<?> value -> value.name();
                                    case Class<?> type -> type.getSimpleName();
                                    default -> fact.getClass().getSimpleName();
                                })
                .toList();
    }

    /// Its name in the names of tests.
    String camelCase() {
        return Arrays.stream(name().split("_"))
                .map(word -> word.charAt(0) + word.substring(1).toLowerCase(Locale.ROOT))
                .collect(Collectors.joining());
    }
}
