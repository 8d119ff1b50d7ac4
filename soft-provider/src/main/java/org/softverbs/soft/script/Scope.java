package org.softverbs.soft.script;

/// What names mean where a statement stands: those of memory and of queues, and `i`, which counts
/// the rounds of the loop around it.
final class Scope {

    private static final String COUNTER = "i";

    private final ScriptMemory memory;
    private final ScriptQueues queues = new ScriptQueues();
    private long round;

    Scope(ScriptMemory memory) {
        this.memory = memory;
    }

    ScriptQueues queues() {
        return queues;
    }

    long round() {
        return round;
    }

    void round(long value) {
        round = value;
    }

    long number(String name) {
        if (COUNTER.equals(name)) {
            return round;
        }
        throw new ScriptFailure("'" + name + "' is no number");
    }

    long address(String name) {
        return COUNTER.equals(name) ? round : memory.addressOf(name);
    }

    long key(String name) {
        return COUNTER.equals(name) ? round : Integer.toUnsignedLong(memory.keyOf(name));
    }

    long queue(String name) {
        return COUNTER.equals(name) ? round : queues.numberOf(name);
    }

    /// The names that the fields of a type may have.
    Expression.Names names(Field field) {
        if (field == Field.SRQ) {
            return this::queue;
        }
        return switch (field.type()) {
            case ADDRESS -> this::address;
            case KEY -> this::key;
            case NUMBER, FLAG, WORD, BYTES, SYNDROME, ACCESS, ELEMENTS -> this::number;
        };
    }

    long number(Statement statement, Field field, long otherwise) {
        return statement.number(field, otherwise, names(field));
    }

    int integer(Statement statement, Field field, long otherwise) {
        return (int) number(statement, field, otherwise);
    }
}
