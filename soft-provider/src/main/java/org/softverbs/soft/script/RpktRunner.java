package org.softverbs.soft.script;

import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// Runs a packet script: one engine, no thread, no clock but the script's. The same script gives
/// the same outcome each time.
public final class RpktRunner {

    private static final String INDENT = "\n    ";
    private static final int MOST_STATEMENTS = 1 << 22;
    private static final int MOST_SHOWN = 8;

    private final RpktScript script;
    private final @Nullable EngineLog writer;
    private final ScriptMemory memory = new ScriptMemory();
    private final Scope scope = new Scope(memory);
    private @Nullable Bench bench;
    private @Nullable Statement current;
    private boolean mayBeLeft;
    private int executed;
    private boolean memoryChecked = true;

    private RpktRunner(RpktScript script, @Nullable EngineLog writer) {
        this.script = script;
        this.writer = writer;
    }

    /// Runs a script.
    public static RpktOutcome run(RpktScript script) {
        return new RpktRunner(script, null).run();
    }

    /// Runs a script and tells somebody what happens: a [RpktWriter] makes another script of it, a
    /// [ScriptTrace] a trace.
    public static RpktOutcome run(RpktScript script, EngineLog writer) {
        return new RpktRunner(script, writer).run();
    }

    private RpktOutcome run() {
        try {
            for (Statement statement : script.statements()) {
                execute(statement);
            }
            Bench ended = bench;
            if (ended != null) {
                checkNothingLeft(ended, "at the end");
                checkMemory();
            }
            return new RpktOutcome.Passed();
        } catch (ScriptFailure failure) {
            return failed(failure.what());
        } catch (RuntimeException | AssertionError bug) {
            return failed("the engine threw " + bug);
        }
    }

    private RpktOutcome failed(String what) {
        Statement at = current;
        int line = at == null ? 1 : at.line();
        boolean inLoop = at != null && !script.statements().contains(at);
        String round = inLoop ? INDENT + "in the round with i=" + scope.round() : "";
        return new RpktOutcome.Failed(line, script.name() + ":" + line + ": " + what + round);
    }

    private void execute(Statement statement) {
        current = statement;
        executed++;
        if (executed > MOST_STATEMENTS) {
            throw new ScriptFailure("the script goes round more than 2^22 statements");
        }
        switch (statement.verb()) {
            case REPEAT -> repeat(statement);
            case REGION, WINDOW, FAST, SRQ -> {
                Declarations.execute(statement, memory, scope);
                note(statement);
            }
            case QP -> {
                if (bench != null) {
                    throw new ScriptFailure("qp must stand before what happens, and once");
                }
                begin(statement);
            }
            default -> execute(statement, bench());
        }
    }

    private void repeat(Statement loop) {
        long rounds = Expression.parse(loop.word(0)).value(scope::number);
        if (rounds < 0 || rounds > 1 << 20) {
            throw new ScriptFailure("a loop has 0 to 2^20 rounds, not " + rounds);
        }
        long before = scope.round();
        for (long round = 0; round < rounds; round++) {
            for (Statement statement : loop.body()) {
                scope.round(round);
                execute(statement);
            }
        }
        scope.round(before);
    }

    private Bench bench() {
        Bench present = bench;
        return present != null ? present : begin(defaults());
    }

    private static Statement defaults() {
        return new Statement(1, "qp", Verb.QP, List.of(), Map.of(), List.of());
    }

    private Bench begin(Statement settings) {
        if (writer != null) {
            String byHand = settings.isSet(Field.BY_HAND) ? "" : " by-hand";
            writer.statement(0, settings.text() + byHand);
        }
        Bench started = new Bench(settings, memory, scope, writer);
        bench = started;
        return started;
    }

    private void note(Statement statement) {
        if (writer != null) {
            Bench present = bench;
            String text = statement.text().replaceAll("\\bi\\b", Long.toString(scope.round()));
            writer.statement(present == null ? 0 : present.now(), text);
        }
    }

    private void execute(Statement statement, Bench on) {
        Verb verb = statement.verb();
        if (verb.isStimulus()) {
            if (!mayBeLeft) {
                checkNothingLeft(on, "before '" + statement.text() + "'");
            }
            mayBeLeft = verb == Verb.QUEUE || verb == Verb.INJECT_MORE;
            switch (verb) {
                case MODIFY, ROOM, SET, ACKNOWLEDGE, DEREGISTER -> note(statement);
                default -> {}
            }
            Stimuli.execute(statement, on);
            return;
        }
        if (verb == Verb.MEMORY_UNCHANGED) {
            checkMemory();
        } else if (verb == Verb.NOTHING) {
            checkNothingLeft(on, "where it should do nothing");
        } else if (verb == Verb.MEMORY && "any".equals(statement.word(0))) {
            memoryChecked = false;
        } else {
            Expectations.check(statement, on);
        }
    }

    private void checkMemory() {
        String difference = memory.difference();
        if (memoryChecked && !difference.isEmpty()) {
            throw new ScriptFailure(
                    "memory changed, and no 'memory' statement says so: " + difference);
        }
    }

    private static void checkNothingLeft(Bench on, String when) {
        List<String> left = on.leftovers();
        if (!left.isEmpty()) {
            throw new ScriptFailure(
                    "this came besides, "
                            + when
                            + left.stream()
                                    .limit(MOST_SHOWN)
                                    .collect(Collectors.joining(INDENT, INDENT, ""))
                            + (left.size() > MOST_SHOWN
                                    ? INDENT + "and " + (left.size() - MOST_SHOWN) + " more"
                                    : ""));
        }
    }
}
