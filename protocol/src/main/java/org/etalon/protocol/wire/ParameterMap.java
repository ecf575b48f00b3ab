package org.etalon.protocol.wire;

import static org.etalon.protocol.wire.WireReader.FIXED64;
import static org.etalon.protocol.wire.WireReader.LENGTH_DELIMITED;
import static org.etalon.protocol.wire.WireReader.VARINT;

import java.util.HashMap;
import java.util.Map;
import org.etalon.inference.Parameter;
import org.etalon.inference.ServingException;
import org.jspecify.annotations.Nullable;

/** Reads the fields of type {@code map<string, InferParameter>}. Owned by one thread. */
final class ParameterMap {
  private static final int KEY = 1 << 3 | LENGTH_DELIMITED;
  private static final int VALUE = 2 << 3 | LENGTH_DELIMITED;

  private static final int BOOL = 1 << 3 | VARINT;
  private static final int INT64 = 2 << 3 | VARINT;
  private static final int STRING = 3 << 3 | LENGTH_DELIMITED;
  private static final int DOUBLE = 4 << 3 | FIXED64;
  private static final int UINT64 = 5 << 3 | VARINT;

  /** Empty until the first entry: most requests have none. */
  private Map<String, @Nullable Parameter> entries = Map.of();

  /** Reads one entry; a later one of the same key takes its place. */
  void readEntry(WireReader reader) {
    String key = "";
    @Nullable Parameter value = null;
    long outer = reader.enter();
    while (reader.hasMore()) {
      int tag = reader.readTag();
      switch (tag) {
        case KEY -> key = reader.readString();
        case VALUE -> value = readValue(reader, value);
        default -> reader.skip(tag);
      }
    }
    reader.leave(outer);
    if (entries.isEmpty()) {
      entries = new HashMap<>();
    }
    entries.put(key, value);
  }

  private static @Nullable Parameter readValue(WireReader reader, @Nullable Parameter before) {
    @Nullable Parameter value = before;
    long outer = reader.enter();
    while (reader.hasMore()) {
      int tag = reader.readTag();
      switch (tag) {
        case BOOL -> value = new Parameter.Bool(reader.readBool());
        case INT64 -> value = new Parameter.Int64(reader.readVarint());
        case STRING -> value = new Parameter.Text(reader.readString());
        case DOUBLE -> value = new Parameter.Real(reader.readDouble());
        case UINT64 -> value = new Parameter.Uint64(reader.readVarint());
        default -> reader.skip(tag);
      }
    }
    reader.leave(outer);
    return value;
  }

  int size() {
    return entries.size();
  }

  /**
   * All entries.
   *
   * @throws ServingException INVALID_ARGUMENT if one has no value
   */
  Map<String, Parameter> toMap() {
    if (entries.isEmpty()) {
      return Map.of();
    }
    Map<String, Parameter> complete = new HashMap<>();
    entries.forEach((key, value) -> {
      if (value == null) {
        throw ServingException.invalid(
            "parameter '%s' has no value (expected: bool, int64, string, double or uint64)"
                .formatted(key));
      }
      complete.put(key, value);
    });
    return complete;
  }
}
