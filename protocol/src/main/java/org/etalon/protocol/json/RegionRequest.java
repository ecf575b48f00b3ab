package org.etalon.protocol.json;

import java.lang.foreign.MemorySegment;
import java.util.HashSet;
import java.util.Set;
import org.etalon.inference.ServingException;
import tools.jackson.core.JacksonException;

/**
 * Which memory a client wants to share.
 *
 * @param key of the POSIX shared-memory object
 * @param offset in bytes, where the region begins in it
 */
public record RegionRequest(String key, long offset, long byteSize) {
  /**
   * Reads a request.
   *
   * @param body borrowed until return
   * @throws ServingException INVALID_ARGUMENT if it is not such a JSON object
   */
  public static RegionRequest decode(MemorySegment body) {
    try (JsonReader reader = new JsonReader(body, "")) {
      return decode(reader);
    } catch (JacksonException e) {
      throw JsonReader.malformed(e);
    }
  }

  private static RegionRequest decode(JsonReader reader) {
    String key = "";
    long offset = 0;
    long byteSize = 0;
    reader.takeObjectStart();
    Set<String> seen = new HashSet<>(4);
    for (String name = reader.nextMember(seen); name != null; name = reader.nextMember(seen)) {
      switch (name) {
        case "key" -> key = reader.takeText();
        case "offset" -> offset = reader.takeWholeNumber();
        case "byte_size" -> byteSize = reader.takeWholeNumber();
        default ->
            throw reader.fault(
                "unknown member '%s' (expected: key, offset, byte_size)".formatted(name));
      }
    }
    reader.takeEnd();
    if (key.isEmpty() || byteSize <= 0) {
      throw ServingException.invalid(
          "request JSON: no '%s' (expected: key, byte_size and possibly offset)"
              .formatted(key.isEmpty() ? "key" : "byte_size above 0"));
    }
    return new RegionRequest(key, offset, byteSize);
  }
}
