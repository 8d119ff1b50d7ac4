package org.softverbs.soft.script;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// A line of a script, or a loop with the lines inside.
///
/// @param line where it stands, from 1
/// @param text the line without comment
/// @param words what follows the keyword, without fields
/// @param body what a loop repeats
record Statement(
        int line,
        String text,
        Verb verb,
        List<String> words,
        Map<Field, Value> fields,
        List<Statement> body) {

    boolean has(Field field) {
        return fields.containsKey(field);
    }

    @Nullable Value get(Field field) {
        return fields.get(field);
    }

    /// The word at a place, or nothing.
    String word(int index) {
        return index < words.size() ? words.get(index) : "";
    }

    /// Whether a flag is set; not when it is not named.
    boolean isSet(Field field) {
        return fields.get(field) instanceof Value.Flag flag && flag.set();
    }

    /// The number of a field, or another one when it is not named.
    long number(Field field, long otherwise, Expression.Names names) {
        return fields.get(field) instanceof Value.Amount amount
                ? amount.expression().value(names)
                : otherwise;
    }

    /// The rights of a field, or others when it is not named.
    int access(Field field, int otherwise) {
        return fields.get(field) instanceof Value.Access access ? access.bits() : otherwise;
    }

    /// The name in a field, or another one when it is not named.
    String name(Field field, String otherwise) {
        return fields.get(field) instanceof Value.Word word ? word.text() : otherwise;
    }
}
