package org.softverbs.soft.explain;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;

/// An element of a scatter list as a user writes it: `LENGTH[+OFFSET][@KIND]`.
///
/// @param length bytes
/// @param offset first byte within its page
/// @param kind where it lies
public record SglElement(long length, long offset, ElementKind kind) {

    /// Longest element in bytes.
    public static final long MOST = 1L << 31;

    private static final long PAGE = 4096;

    /// @throws IllegalArgumentException for a length or offset out of range, or an offset of an
    ///     element that has none
    public SglElement {
        if (length < 1 || length > MOST) {
            throw new IllegalArgumentException("length " + length + " is not within 1 and " + MOST);
        }
        if (offset < 0 || offset >= PAGE) {
            throw new IllegalArgumentException(
                    "offset " + offset + " is not within a page: 0 to " + (PAGE - 1));
        }
        if (kind == ElementKind.ADJACENT && offset != 0) {
            throw new IllegalArgumentException(
                    "offset "
                            + offset
                            + " of an adjacent element: it starts where the one before ends");
        }
    }

    /// Reads a comma list of elements.
    ///
    /// @throws IllegalArgumentException naming the element and what is wrong with it
    public static List<SglElement> parse(String specification) {
        List<SglElement> elements = new ArrayList<>();
        for (String text : specification.split(",", -1)) {
            try {
                elements.add(parseOne(text.strip(), elements.isEmpty()));
            } catch (IllegalArgumentException wrong) {
                throw new IllegalArgumentException(
                        "element " + elements.size() + " '" + text + "': " + wrong.getMessage(),
                        wrong);
            }
        }
        return List.copyOf(elements);
    }

    private static SglElement parseOne(String text, boolean isFirst) {
        int at = text.indexOf('@');
        String range = at < 0 ? text : text.substring(0, at);
        ElementKind kind = at < 0 ? ElementKind.RAM : kindOf(text.substring(at + 1));
        if (isFirst && kind == ElementKind.ADJACENT) {
            throw new IllegalArgumentException("the first element is adjacent to none");
        }
        int plus = range.indexOf('+');
        String length = plus < 0 ? range : range.substring(0, plus);
        long offset = plus < 0 ? 0 : number("offset", range.substring(plus + 1));
        return new SglElement(number("length", length), offset, kind);
    }

    private static ElementKind kindOf(String word) {
        return ElementKind.of(word)
                .orElseThrow(
                        () ->
                                new IllegalArgumentException(
                                        "kind '"
                                                + word
                                                + "' is none of "
                                                + Arrays.stream(ElementKind.values())
                                                        .map(ElementKind::word)
                                                        .collect(Collectors.joining(", "))));
    }

    private static long number(String field, String digits) {
        if (!digits.matches("[0-9]{1,18}")) {
            throw new IllegalArgumentException(field + " '" + digits + "' is no number of bytes");
        }
        return Long.parseLong(digits);
    }
}
