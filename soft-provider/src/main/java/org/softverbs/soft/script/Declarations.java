package org.softverbs.soft.script;

import org.softverbs.verbs.MemoryWindowType;

/// Declares memory besides that which is always there, and shared receive queues.
final class Declarations {

    private static final long FIRST_ADDRESS = 0x30_0000;
    private static final int PAGE = 4096;
    private static final int RECEIVES = 64;

    private Declarations() {}

    static void execute(Statement statement, ScriptMemory memory, Scope scope) {
        String name = statement.word(0);
        if (!name.matches("[a-z][a-z0-9]*") || "i".equals(name)) {
            throw new ScriptFailure("'" + name + "' is no name: small letters and digits are");
        }
        if (statement.verb() == Verb.SRQ) {
            queue(statement, scope);
            return;
        }
        if (!statement.has(Field.KEY)) {
            throw new ScriptFailure(statement.verb().keyword() + " needs key=");
        }
        int key = scope.integer(statement, Field.KEY, 0);
        int domain = scope.integer(statement, Field.DOMAIN, ScriptMemory.DOMAIN);
        switch (statement.verb()) {
            case REGION -> region(statement, memory, scope, key);
            case WINDOW -> {
                boolean first = scope.number(statement, Field.TYPE, 2) == 1;
                memory.addWindow(
                        name,
                        key,
                        first ? MemoryWindowType.TYPE_1 : MemoryWindowType.TYPE_2,
                        domain);
            }
            default ->
                    memory.addFast(
                            name,
                            key,
                            memory.contentsOf(statement.name(Field.OF, ScriptMemory.LOCAL)),
                            scope.number(statement, Field.LENGTH, 2 * PAGE),
                            domain);
        }
    }

    private static void queue(Statement statement, Scope scope) {
        scope.queues()
                .add(
                        statement.word(0),
                        scope.integer(statement, Field.NUMBER, 0),
                        scope.integer(statement, Field.DOMAIN, ScriptMemory.DOMAIN),
                        scope.number(statement, Field.RECEIVES, RECEIVES));
    }

    private static void region(Statement statement, ScriptMemory memory, Scope scope, int key) {
        boolean shared = statement.has(Field.OF);
        String other = statement.name(Field.OF, "");
        long address = shared ? memory.addressOf(other) : FIRST_ADDRESS;
        memory.addRegion(
                statement.word(0),
                key,
                scope.number(statement, Field.ADDRESS, address),
                shared
                        ? memory.contentsOf(other)
                        : memory.fresh(scope.number(statement, Field.LENGTH, PAGE)),
                statement.access(Field.ACCESS, Value.allAccess()),
                scope.integer(statement, Field.DOMAIN, ScriptMemory.DOMAIN));
    }
}
