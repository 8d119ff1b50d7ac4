package org.softverbs.soft.script;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.Deque;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// A packet script that was read: it makes sense, whether or not it holds.
public final class RpktScript {

    private static final Pattern COMMENT = Pattern.compile("(^|\\s)#.*");
    private static final Pattern ROW = Pattern.compile("[RA]\\d+");
    private static final Pattern ROWS = Pattern.compile("#\\s*[RA]\\d+(?:\\s*,\\s*[RA]\\d+)*\\s*");
    private static final Comparator<String> BY_NUMBER =
            Comparator.comparingInt((String row) -> row.charAt(0))
                    .thenComparingInt(row -> Integer.parseInt(row.substring(1)));
    private static final int MOST_STATEMENTS = 100_000;
    private static final int MOST_NESTED = 16;

    private final String name;
    private final String sentence;
    private final List<String> rows;
    private final List<Statement> statements;

    private RpktScript(
            String name, String sentence, List<String> rows, List<Statement> statements) {
        this.name = name;
        this.sentence = sentence;
        this.rows = rows;
        this.statements = statements;
    }

    /// Reads a script.
    ///
    /// @param name how messages call it
    /// @throws RpktException if the text is none
    public static RpktScript parse(String name, String text) throws RpktException {
        return new Reader(name).read(text.lines().toList());
    }

    /// How messages call it.
    public String name() {
        return name;
    }

    /// What it says of the protocol: its first line.
    public String sentence() {
        return sentence;
    }

    /// Rows of the catalogue of bad input that it is about, as `R31`, in order.
    public List<String> rows() {
        return rows;
    }

    List<Statement> statements() {
        return statements;
    }

    /// Reads the lines of one script.
    private static final class Reader {

        /// A loop whose end is still to come.
        private record Open(Statement loop, List<Statement> body) {}

        private final String name;
        private final Deque<Open> open = new ArrayDeque<>();
        private final TreeSet<String> rows = new TreeSet<>(BY_NUMBER);
        private List<Statement> current = new ArrayList<>();
        private @Nullable String sentence;

        Reader(String name) {
            this.name = name;
        }

        RpktScript read(List<String> lines) throws RpktException {
            if (lines.size() > MOST_STATEMENTS) {
                throw new RpktException(name, MOST_STATEMENTS, "the script is too long");
            }
            List<Statement> outermost = current;
            for (int i = 0; i < lines.size(); i++) {
                try {
                    read(i + 1, lines.get(i));
                } catch (ScriptFailure wrong) {
                    throw new RpktException(name, i + 1, wrong.what());
                }
            }
            if (sentence == null) {
                throw new RpktException(name, 1, "the script is empty");
            }
            if (!open.isEmpty()) {
                throw new RpktException(name, open.peek().loop().line(), "repeat without end");
            }
            return new RpktScript(name, sentence, List.copyOf(rows), List.copyOf(outermost));
        }

        private void read(int line, String whole) {
            readComment(whole.strip());
            String text = COMMENT.matcher(whole).replaceFirst("").strip();
            if (text.isEmpty()) {
                return;
            }
            Statement statement = statement(line, text);
            switch (statement.verb()) {
                case REPEAT -> {
                    if (open.size() == MOST_NESTED) {
                        throw new ScriptFailure(
                                "repeat is nested more than " + MOST_NESTED + " deep");
                    }
                    List<Statement> body = new ArrayList<>();
                    open.push(new Open(statement, current));
                    current = body;
                }
                case END -> close();
                default -> current.add(statement);
            }
        }

        private void readComment(String text) {
            if (sentence == null) {
                if (!text.startsWith("#") || text.substring(1).isBlank()) {
                    throw new ScriptFailure(
                            "the first line must be a comment that says the behaviour");
                }
                sentence = text.substring(1).strip();
            } else if (ROWS.matcher(text).matches()) {
                Matcher matcher = ROW.matcher(text);
                while (matcher.find()) {
                    rows.add(matcher.group());
                }
            }
        }

        private void close() {
            if (open.isEmpty()) {
                throw new ScriptFailure("end without repeat");
            }
            Open last = open.pop();
            Statement loop = last.loop();
            last.body()
                    .add(
                            new Statement(
                                    loop.line(),
                                    loop.text(),
                                    loop.verb(),
                                    loop.words(),
                                    loop.fields(),
                                    List.copyOf(current)));
            current = last.body();
        }

        private static Statement statement(int line, String text) {
            List<String> tokens = new ArrayList<>(List.of(text.split("\\s+", -1)));
            Verb verb = verb(tokens);
            List<String> words = new ArrayList<>();
            Map<Field, Value> fields = new EnumMap<>(Field.class);
            for (String token : tokens) {
                read(verb, token, words, fields);
            }
            if (words.size() < verb.fewestWords() || words.size() > verb.mostWords()) {
                String last = words.isEmpty() ? "" : words.getLast();
                String known =
                        words.size() > verb.mostWords()
                                ? ": '" + last + "' is too much" + suggestion(verb, last)
                                : "";
                throw new ScriptFailure("the form is: " + verb.usage() + known);
            }
            Statement statement =
                    new Statement(line, text, verb, List.copyOf(words), fields, List.of());
            Words.check(statement);
            return statement;
        }

        /// Takes the verb off the tokens.
        private static Verb verb(List<String> tokens) {
            String first = tokens.removeFirst();
            if (first.startsWith("+") && first.length() > 1) {
                tokens.addFirst(first.substring(1));
                return Verb.ADVANCE;
            }
            for (Verb verb : Verb.values()) {
                if (verb.keyword().equals(first)) {
                    return verb;
                }
            }
            List<String> keywords = Arrays.stream(Verb.values()).map(Verb::keyword).toList();
            throw new ScriptFailure(
                    "no statement '" + first + "'" + Suggestion.of(first, keywords));
        }

        private static void read(
                Verb verb, String token, List<String> words, Map<Field, Value> fields) {
            int equals = token.indexOf('=');
            if (equals < 0 && words.size() < verb.fewestWords()) {
                words.add(token);
                return;
            }
            String key = equals < 0 ? token : token.substring(0, equals);
            boolean not = equals < 0 && key.startsWith("no-");
            Field field = field(verb, not ? key.substring("no-".length()) : key);
            if (field == null && equals < 0) {
                words.add(token);
                return;
            }
            if (field == null) {
                throw new ScriptFailure(
                        "'"
                                + verb.keyword()
                                + "' has no field '"
                                + key
                                + "'"
                                + suggestion(verb, key));
            }
            if (equals < 0 && field.type() != Value.Type.FLAG) {
                throw new ScriptFailure(key + " wants a value: " + field.type().description());
            }
            Value value =
                    equals < 0 ? new Value.Flag(!not) : value(field, token.substring(equals + 1));
            if (fields.put(field, value) != null) {
                throw new ScriptFailure(field.text() + " is named twice");
            }
        }

        private static Value value(Field field, String text) {
            try {
                return Value.parse(field.type(), text);
            } catch (ScriptFailure wrong) {
                throw new ScriptFailure(field.text() + ": " + wrong.what());
            }
        }

        private static @Nullable Field field(Verb verb, String text) {
            // Words and fields may have one name: `next-psn send=1`, but `= send id=1`.
            return verb.fields().stream()
                    .filter(field -> field.text().equals(text))
                    .findFirst()
                    .orElse(null);
        }

        private static String suggestion(Verb verb, String wrong) {
            return Suggestion.of(wrong, verb.fields().stream().map(Field::text).toList());
        }
    }
}
