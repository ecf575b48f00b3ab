package org.etalon.protocol.json;

import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.etalon.inference.DataType;
import org.etalon.inference.Parameter;
import org.etalon.inference.ServingException;
import org.etalon.inference.Shape;
import org.etalon.inference.Tensor;
import org.etalon.protocol.wire.SharedMemory;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonToken;

/** Reads one object of a request's {@code inputs}. Owned by one thread. */
final class InputReader {
  private static final String BINARY_DATA_SIZE = "binary_data_size";
  private static final int MAX_RANK = JsonFormat.MAX_DEPTH;

  private final String model;
  private final JsonReader reader;
  private final MemorySegment document;
  private final BinaryInputs binaryInputs;
  private @Nullable String name;
  private @Nullable DataType datatype;
  private @Nullable Shape shape;
  private @Nullable Tensor tensor;
  private @Nullable Elsewhere deferred;
  private Map<String, Parameter> parameters = Map.of();

  /** Elements that came before what they are was known, to be read again. */
  private record Elsewhere(long offset, String pointer) {}

  private InputReader(
      String model, JsonReader reader, MemorySegment document, BinaryInputs binaryInputs) {
    this.model = model;
    this.reader = reader;
    this.document = document;
    this.binaryInputs = binaryInputs;
  }

  /**
   * Reads the rest of an object whose start was just read.
   *
   * @param model named where the input is wrong
   * @param document what {@code reader} reads
   */
  static Tensor read(
      String model, JsonReader reader, MemorySegment document, BinaryInputs binaryInputs) {
    return new InputReader(model, reader, document, binaryInputs).read();
  }

  private Tensor read() {
    Set<String> seen = new HashSet<>(8);
    for (String member = reader.nextMember(seen);
        member != null;
        member = reader.nextMember(seen)) {
      readMember(member);
    }
    String named = JsonRequestDecoder.requirePresent(reader, name, "an input", "name");
    DataType type = JsonRequestDecoder.requirePresent(reader, datatype, self(), "datatype");
    Shape extents = JsonRequestDecoder.requirePresent(reader, shape, self(), "shape");
    SharedMemory.Place place = SharedMemory.Place.of(parameters, self());
    if (place != null) {
      return shared(named, type, extents, place);
    }
    Parameter size = parameters.get(BINARY_DATA_SIZE);
    boolean hasData = tensor != null || deferred != null;
    if (hasData == (size != null)) {
      throw reader.fault(
          "%s has %s 'data' and 'binary_data_size' (expected: one of them)"
              .formatted(self(), hasData ? "both" : "neither"));
    }
    if (size != null) {
      return binary(named, type, extents, size);
    }
    return tensor != null ? tensor : readDeferred(named, type, extents);
  }

  private String self() {
    return name == null ? "an input" : "input '" + name + "'";
  }

  private void readMember(String member) {
    switch (member) {
      case "name" -> name = readName();
      case "datatype" -> datatype = readDatatype();
      case "shape" -> shape = readShape();
      case "parameters" -> parameters = ParameterJson.read(reader);
      case "data" -> readData();
      default ->
          throw reader.fault(
              "unknown member '%s' of %s (expected: name, shape, datatype, parameters or data)"
                  .formatted(member, self()));
    }
  }

  private String readName() {
    String text = reader.takeText();
    if (text.isEmpty()) {
      throw reader.fault("empty (expected: the name of an input)");
    }
    return text;
  }

  private DataType readDatatype() {
    String text = reader.takeText();
    return DataType.named(text)
        .orElseThrow(() ->
            reader.fault(
                "input '%s': datatype '%s' (expected: one of %s)"
                    .formatted(name, text, Arrays.toString(DataType.values()))));
  }

  private Shape readShape() {
    if (!reader.takeArrayStart()) {
      throw reader.wrongKind("an array");
    }
    long[] dims = new long[4];
    int rank = 0;
    while (reader.next() != JsonToken.END_ARRAY) {
      if (rank == MAX_RANK) {
        throw reader.fault("%s: more than %d dimensions".formatted(self(), MAX_RANK));
      }
      if (rank == dims.length) {
        dims = Arrays.copyOf(dims, 2 * rank);
      }
      dims[rank++] = reader.wholeNumber();
    }
    try {
      return Shape.of(Arrays.copyOf(dims, rank));
    } catch (IllegalArgumentException e) {
      throw reader.fault("%s: %s".formatted(self(), e.getMessage()));
    }
  }

  private void readData() {
    if (name != null && datatype != null && shape != null) {
      tensor = ElementReader.read(reader, name, datatype, shape);
      return;
    }
    reader.next();
    deferred = new Elsewhere(reader.valueOffset(), reader.pointer());
    reader.parser().skipChildren();
  }

  private Tensor readDeferred(String named, DataType type, Shape extents) {
    Elsewhere place = JsonRequestDecoder.requirePresent(reader, deferred, "an input", "data");
    try (JsonReader again = new JsonReader(document.asSlice(place.offset()), place.pointer())) {
      return ElementReader.read(again, named, type, extents);
    }
  }

  private Tensor shared(String named, DataType type, Shape extents, SharedMemory.Place place) {
    if (tensor != null || deferred != null || parameters.containsKey(BINARY_DATA_SIZE)) {
      throw reader.fault("%s has data here and in shared memory (expected: one)".formatted(self()));
    }
    return over(named, type, extents, binaryInputs.shared().piece(place));
  }

  private Tensor binary(String named, DataType type, Shape extents, Parameter size) {
    if (!(size instanceof Parameter.Int64(long bytes))) {
      throw reader.fault(
          "input '%s': binary_data_size (expected: a whole number of bytes)".formatted(named));
    }
    return over(named, type, extents, binaryInputs.take(named, bytes));
  }

  private Tensor over(String named, DataType type, Shape extents, MemorySegment data) {
    String self = "input '%s' for model '%s'".formatted(named, model);
    try {
      if (type.isFixedSize() && data.byteSize() != Tensor.byteSize(type, extents)) {
        throw ServingException.invalid(
            "input byte size mismatch for %s. Expected %d, got %d"
                .formatted(self, Tensor.byteSize(type, extents), data.byteSize()));
      }
      return new Tensor(named, type, extents, data);
    } catch (IllegalArgumentException e) {
      throw ServingException.invalid(self + ": " + e.getMessage());
    }
  }
}
