package org.etalon.protocol.wire;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.etalon.inference.BytesElements;
import org.etalon.inference.DataType;
import org.etalon.inference.Parameter;
import org.etalon.inference.Shape;
import org.etalon.inference.Tensor;

/** Tensors and parameters of every kind, from a seed. */
final class RandomTensors {
  private static final List<DataType> TYPES = List.of(DataType.values());

  private final Random random;
  private final Arena arena;

  RandomTensors(Random random, Arena arena) {
    this.random = random;
    this.arena = arena;
  }

  List<Tensor> tensors() {
    List<Tensor> tensors = new ArrayList<>();
    for (int i = random.nextInt(4); i > 0; i--) {
      tensors.add(tensor());
    }
    return tensors;
  }

  private Tensor tensor() {
    DataType type = TYPES.get(random.nextInt(TYPES.size()));
    Shape shape = shape();
    MemorySegment data =
        type.isFixedSize() ? bytes(Tensor.byteSize(type, shape)) : elements(shape.elementCount());
    return new Tensor(text(), type, shape, place(data));
  }

  private Shape shape() {
    long[] dims = new long[random.nextInt(5)];
    for (int i = 0; i < dims.length; i++) {
      dims[i] = random.nextInt(12);
    }
    return Shape.of(dims);
  }

  private MemorySegment bytes(long size) {
    byte[] bytes = new byte[(int) size];
    random.nextBytes(bytes);
    return MemorySegment.ofArray(bytes);
  }

  private MemorySegment elements(long count) {
    List<byte[]> elements = new ArrayList<>();
    for (long i = 0; i < count; i++) {
      byte[] element = new byte[random.nextInt(6)];
      random.nextBytes(element);
      elements.add(element);
    }
    return BytesElements.encode(elements);
  }

  /** The same bytes on the heap as they are, inside a larger array, read-only, or off the heap. */
  private MemorySegment place(MemorySegment data) {
    return switch (random.nextInt(4)) {
      case 0 -> data;
      case 1 -> {
        MemorySegment larger = bytes(data.byteSize() + 7).asSlice(3, data.byteSize());
        yield larger.copyFrom(data);
      }
      case 2 -> data.asReadOnly();
      default -> arena.allocate(data.byteSize() + 1, 1).asSlice(1, data.byteSize()).copyFrom(data);
    };
  }

  Map<String, Parameter> parameters() {
    Map<String, Parameter> parameters = new HashMap<>();
    for (int i = random.nextInt(4); i > 0; i--) {
      parameters.put(text(), parameter());
    }
    return parameters;
  }

  private Parameter parameter() {
    return switch (random.nextInt(5)) {
      case 0 -> new Parameter.Bool(random.nextBoolean());
      case 1 -> new Parameter.Int64(random.nextLong());
      case 2 -> new Parameter.Uint64(random.nextLong());
      case 3 -> new Parameter.Text(text());
      default -> new Parameter.Real(random.nextGaussian());
    };
  }

  String text() {
    StringBuilder text = new StringBuilder("x");
    for (int i = random.nextInt(random.nextInt(10) == 0 ? 200 : 12); i > 0; i--) {
      text.append(random.nextBoolean() ? 'é' : (char) ('a' + random.nextInt(26)));
    }
    return text.toString();
  }
}
