package org.etalon.backends.torch;

import ai.djl.pytorch.jni.PyTorchLibrary;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.etalon.engine.backend.Batch;
import org.etalon.inference.DataType;
import org.etalon.inference.Shape;
import org.etalon.protocol.proto.ModelOutput;

/**
 * Where an output comes from and what the configuration says of it. Immutable.
 *
 * @param index among the batch's outputs
 * @param place among what the module returns
 * @param dims without the batch; -1 where any extent will do
 */
record ResultSlot(
    int index,
    int place,
    String name,
    DataType datatype,
    List<Long> dims,
    boolean hasBatch,
    ModelLabel label) {
  private static final long FREE = -1;
  private static final int STRIDED = 0;

  static ResultSlot of(
      int index, int place, ModelOutput output, boolean hasBatch, ModelLabel label) {
    List<Long> dims =
        output.hasReshape() ? output.getReshape().getShapeList() : output.getDimsList();
    return new ResultSlot(
        index,
        place,
        output.getName(),
        ElementType.of(output.getDataType()).orElseThrow(),
        List.copyOf(dims),
        hasBatch,
        label);
  }

  /** Copies a tensor of libtorch's, which is borrowed, into the batch. */
  void copy(long tensor, TensorApi api, Batch batch) {
    if (PyTorchLibrary.torchLayout(tensor) != STRIDED) {
      throw label.unsupported("output '%s' is sparse (expected: dense)".formatted(name));
    }
    Optional<DataType> actual = ElementType.of(api.elementType(tensor));
    Shape shape = api.shape(tensor);
    if (actual.isEmpty() || actual.get() != datatype || !fits(shape, batch.rows())) {
      throw label.internal(
          "output '%s' is %s %s (expected: %s, dims %s%s, as the configuration says)"
              .formatted(
                  name,
                  actual.map(DataType::name).orElse("of a type that the protocol cannot carry"),
                  shape,
                  datatype,
                  dims,
                  hasBatch ? " behind a batch of " + batch.rows() : ""));
    }
    long target = api.over(batch.allocate(index, datatype, shape), datatype, shape);
    try {
      api.copy(target, tensor);
    } finally {
      api.delete(target);
    }
  }

  private boolean fits(Shape shape, int rows) {
    long[] extents = shape.toArray();
    int batchDims = hasBatch ? 1 : 0;
    if (extents.length != dims.size() + batchDims || (hasBatch && extents[0] != rows)) {
      return false;
    }
    long[] row = Arrays.copyOfRange(extents, batchDims, extents.length);
    for (int i = 0; i < row.length; i++) {
      if (dims.get(i) != FREE && dims.get(i) != row[i]) {
        return false;
      }
    }
    return true;
  }
}
