package org.softverbs.soft.wire.packet;

import java.lang.foreign.MemorySegment;
import java.util.LinkedHashMap;
import java.util.Map;

/** Collects fields by name, in order; see {@link PacketFields}. */
final class FieldList {

    private final Map<String, Object> fields;
    private final String prefix;

    FieldList() {
        this(new LinkedHashMap<>(), "");
    }

    private FieldList(Map<String, Object> fields, String prefix) {
        this.fields = fields;
        this.prefix = prefix;
    }

    /** The same list, whose next names start with {@code group} and a dot. */
    FieldList under(String group) {
        return new FieldList(fields, prefix + group + ".");
    }

    void add(String name, long value) {
        fields.put(prefix + name, value);
    }

    void add(String name, boolean value) {
        fields.put(prefix + name, value);
    }

    void add(String name, byte[] value) {
        fields.put(prefix + name, Octets.of(value));
    }

    void add(String name, Octets value) {
        fields.put(prefix + name, value);
    }

    void add(String name, MemorySegment value) {
        fields.put(prefix + name, Octets.of(value, 0, (int) value.byteSize()));
    }

    void add(String name, String value) {
        fields.put(prefix + name, value);
    }

    Map<String, Object> fields() {
        return fields;
    }
}
