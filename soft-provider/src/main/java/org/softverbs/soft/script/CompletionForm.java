package org.softverbs.soft.script;

import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import org.softverbs.verbs.WorkCompletion;
import org.softverbs.verbs.WorkCompletionStatus;

/// Completions as scripts have them.
final class CompletionForm {

    private CompletionForm() {}

    static String text(boolean receive, Bench.Completed completed, Naming naming) {
        WorkCompletion done = completed.completion();
        StringBuilder text = new StringBuilder(receive ? "= receive" : "= send");
        text.append(" id=").append(Long.toUnsignedString(done.workRequestId()));
        text.append(' ').append(done.status());
        if (done.status() != WorkCompletionStatus.SUCCESS) {
            return text.toString();
        }
        text.append(" opcode=").append(done.opcode());
        if (receive || done.byteLength() != 0) {
            text.append(" bytes=").append(done.byteLength());
        }
        done.immediate()
                .ifPresent(
                        value -> text.append(" immediate=").append(String.format("0x%08x", value)));
        done.invalidatedKey()
                .ifPresent(key -> text.append(" invalidated=").append(naming.describeKey(key)));
        text.append(receive && completed.solicited() ? " solicited" : "");
        return text.toString();
    }

    /// In what a completion is not the one that a statement says; empty when it is.
    static List<String> differences(Statement expected, Bench.Completed completed, Bench bench) {
        WorkCompletion done = completed.completion();
        Scope scope = bench.scope();
        List<String> found = new ArrayList<>();
        check(found, "id", done.workRequestId(), scope.number(expected, Field.ID, 0));
        check(found, "status", done.status(), Words.status(expected.word(1)));
        check(found, "queue pair", done.queuePairNumber(), bench.queuePair().number());
        if (expected.has(Field.OPCODE)) {
            String opcode = expected.name(Field.OPCODE, "");
            check(found, "opcode", done.opcode(), Words.completionOpcode(opcode));
        }
        if (expected.has(Field.BYTES)) {
            check(found, "bytes", done.byteLength(), scope.number(expected, Field.BYTES, 0));
        }
        if (expected.has(Field.IMMEDIATE)) {
            int immediate = scope.integer(expected, Field.IMMEDIATE, 0);
            check(found, "immediate", done.immediate(), OptionalInt.of(immediate));
        }
        if (expected.has(Field.INVALIDATED)) {
            int key = scope.integer(expected, Field.INVALIDATED, 0);
            check(found, "invalidated", done.invalidatedKey(), OptionalInt.of(key));
        }
        if (expected.has(Field.SOLICITED)) {
            check(found, "solicited", completed.solicited(), expected.isSet(Field.SOLICITED));
        }
        return found;
    }

    private static void check(List<String> found, String name, Object came, Object wanted) {
        if (!came.equals(wanted)) {
            found.add(name + " is " + came + ", not " + wanted);
        }
    }
}
