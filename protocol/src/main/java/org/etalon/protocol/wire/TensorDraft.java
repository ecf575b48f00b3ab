package org.etalon.protocol.wire;

import static org.etalon.protocol.wire.WireReader.LENGTH_DELIMITED;
import static org.etalon.protocol.wire.WireReader.VARINT;

import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.etalon.inference.DataType;
import org.etalon.inference.Parameter;
import org.etalon.inference.ServingException;
import org.etalon.inference.Shape;
import org.etalon.inference.Tensor;
import org.jspecify.annotations.Nullable;

/** An input as its message describes it, until its data is found. Owned by one thread. */
final class TensorDraft {
  private static final int NAME = 1 << 3 | LENGTH_DELIMITED;
  private static final int DATATYPE = 2 << 3 | LENGTH_DELIMITED;
  private static final int DIM = 3 << 3 | VARINT;
  private static final int PACKED_DIMS = 3 << 3 | LENGTH_DELIMITED;
  private static final int PARAMETER = 4 << 3 | LENGTH_DELIMITED;
  private static final int CONTENTS = 5 << 3 | LENGTH_DELIMITED;

  /** As many as numpy allows; longer shapes come from hostile hands only. */
  private static final int MAX_RANK = 64;

  private static final int MAX_HEAP_BYTES = Integer.MAX_VALUE - 8;

  private String name = "";
  private String datatype = "";
  private long[] dims = new long[4];
  private int rank;
  private final ParameterMap parameters = new ParameterMap();
  private @Nullable List<MemorySegment> contents;

  /** Reads the message, the reader's next value. */
  static TensorDraft read(WireReader reader) {
    TensorDraft draft = new TensorDraft();
    long outer = reader.enter();
    while (reader.hasMore()) {
      int tag = reader.readTag();
      switch (tag) {
        case NAME -> draft.name = reader.readString();
        case DATATYPE -> draft.datatype = reader.readString();
        case DIM -> draft.addDim(reader.readVarint());
        case PACKED_DIMS -> draft.addPackedDims(reader);
        case PARAMETER -> draft.parameters.readEntry(reader);
        case CONTENTS -> draft.addContents(reader.readBytes());
        default -> reader.skip(tag);
      }
    }
    reader.leave(outer);
    return draft;
  }

  private void addPackedDims(WireReader reader) {
    long outer = reader.enter();
    while (reader.hasMore()) {
      addDim(reader.readVarint());
    }
    reader.leave(outer);
  }

  private void addDim(long dim) {
    if (rank == MAX_RANK) {
      throw ServingException.invalid(
          "shape of input '%s': more than %d dimensions".formatted(name, MAX_RANK));
    }
    if (rank == dims.length) {
      dims = Arrays.copyOf(dims, 2 * rank);
    }
    dims[rank++] = dim;
  }

  /** A message given in several pieces is their concatenation. */
  private void addContents(MemorySegment piece) {
    if (contents == null) {
      contents = new ArrayList<>(1);
    }
    contents.add(piece);
  }

  boolean hasContents() {
    return contents != null;
  }

  String name() {
    return name;
  }

  /**
   * Where in shared memory the tensor lies; null if it lies in the message.
   *
   * @throws ServingException INVALID_ARGUMENT if its parameters do not say it rightly
   */
  SharedMemory.@Nullable Place place(String model) {
    Map<String, Parameter> given = parameters.toMap();
    return given.isEmpty() ? null : SharedMemory.Place.of(given, describe(model));
  }

  /** The tensor over its piece of {@code raw_input_contents}, which is not copied. */
  Tensor overRaw(MemorySegment raw, String model) {
    return tensor(parseDatatype(model), raw, model);
  }

  /** The tensor over a copy of its typed contents; over nothing if it has neither. */
  Tensor overContents(String model) {
    DataType type = parseDatatype(model);
    if (contents == null) {
      return tensor(type, MemorySegment.ofArray(new byte[0]), model);
    }
    return tensor(type, convert(contents, new TypedInput(type, describe(model))), model);
  }

  private MemorySegment convert(List<MemorySegment> pieces, TypedInput typed) {
    for (MemorySegment piece : pieces) {
      typed.measure(new WireReader(piece));
    }
    if (typed.byteSize() > MAX_HEAP_BYTES) {
      throw ServingException.invalid(
          "contents of input '%s' take %d bytes (expected: at most %d; send raw_input_contents)"
              .formatted(name, typed.byteSize(), MAX_HEAP_BYTES));
    }
    MemorySegment data = MemorySegment.ofArray(new byte[(int) typed.byteSize()]);
    typed.rewind();
    for (MemorySegment piece : pieces) {
      typed.write(new WireReader(piece), data);
    }
    return data;
  }

  private Tensor tensor(DataType type, MemorySegment data, String model) {
    Shape shape = parseShape(type, model);
    if (type.isFixedSize() && data.byteSize() != Tensor.byteSize(type, shape)) {
      throw ServingException.invalid(
          "input byte size mismatch for %s. Expected %d, got %d"
              .formatted(describe(model), Tensor.byteSize(type, shape), data.byteSize()));
    }
    return new Tensor(name, type, shape, data);
  }

  private DataType parseDatatype(String model) {
    return DataType.named(datatype)
        .orElseThrow(() ->
            ServingException.invalid(
                "%s has data-type '%s' (expected: one of %s)"
                    .formatted(describe(model), datatype, Arrays.toString(DataType.values()))));
  }

  private Shape parseShape(DataType type, String model) {
    try {
      Shape shape = Shape.of(Arrays.copyOf(dims, rank));
      if (type.isFixedSize()) {
        Tensor.byteSize(type, shape);
      }
      return shape;
    } catch (IllegalArgumentException e) {
      throw ServingException.invalid(describe(model) + ": " + e.getMessage());
    }
  }

  private String describe(String model) {
    return "input '" + name + "' for model '" + model + "'";
  }
}
