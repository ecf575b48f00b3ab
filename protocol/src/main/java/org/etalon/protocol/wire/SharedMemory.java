package org.etalon.protocol.wire;

import java.lang.foreign.MemorySegment;
import java.util.Map;
import java.util.OptionalLong;
import org.etalon.inference.ErrorCode;
import org.etalon.inference.Parameter;
import org.etalon.inference.ServingException;
import org.jspecify.annotations.Nullable;

/** The memory that clients have registered, where tensors may lie instead of in messages. */
@FunctionalInterface
public interface SharedMemory {
  /** None is registered, and none can be. */
  SharedMemory NONE =
      place -> {
        throw new ServingException(
            ErrorCode.UNIMPLEMENTED,
            "shared memory is not served here (expected: the data in the message)");
      };

  /**
   * A piece of a region. It stays usable while somebody holds it, also after the region is given
   * up.
   *
   * @throws ServingException NOT_FOUND if there is no such region, INVALID_ARGUMENT if the piece
   *     does not lie in it
   */
  MemorySegment piece(Place place);

  /**
   * Where a tensor lies.
   *
   * @param region the region's name
   * @param byteSize of the tensor, or of the room for it
   * @param offset from the region's start; empty: at its start, and not told in the answer
   */
  record Place(String region, long byteSize, OptionalLong offset) {
    private static final String REGION = "shared_memory_region";
    private static final String BYTE_SIZE = "shared_memory_byte_size";
    private static final String OFFSET = "shared_memory_offset";

    /**
     * What a tensor's parameters say; null if the tensor does not lie in shared memory.
     *
     * @param tensor how to name it in an error
     * @throws ServingException INVALID_ARGUMENT if they do not say it rightly
     */
    public static @Nullable Place of(Map<String, Parameter> parameters, String tensor) {
      Parameter region = parameters.get(REGION);
      if (region == null) {
        return null;
      }
      if (!(region instanceof Parameter.Text(String name))) {
        throw ServingException.invalid(
            "%s: parameter '%s' (expected: the name of a region)".formatted(tensor, REGION));
      }
      OptionalLong size = bytes(parameters, BYTE_SIZE, tensor);
      if (size.isEmpty()) {
        throw ServingException.invalid(
            "%s: no parameter '%s' (expected: with '%s', a number of bytes)"
                .formatted(tensor, BYTE_SIZE, REGION));
      }
      return new Place(name, size.getAsLong(), bytes(parameters, OFFSET, tensor));
    }

    private static OptionalLong bytes(
        Map<String, Parameter> parameters, String key, String tensor) {
      return switch (parameters.get(key)) {
        case null -> OptionalLong.empty();
        case Parameter.Int64(long value) when value >= 0 -> OptionalLong.of(value);
        case Parameter.Uint64(long value) when value >= 0 -> OptionalLong.of(value);
        default ->
            throw ServingException.invalid(
                "%s: parameter '%s' (expected: a number of bytes)".formatted(tensor, key));
      };
    }

    /** As an answer tells it. */
    public Map<String, Parameter> parameters() {
      return offset.isEmpty()
          ? Map.of(REGION, new Parameter.Text(region), BYTE_SIZE, new Parameter.Int64(byteSize))
          : Map.of(
              REGION,
              new Parameter.Text(region),
              BYTE_SIZE,
              new Parameter.Int64(byteSize),
              OFFSET,
              new Parameter.Int64(offset.getAsLong()));
    }
  }
}
