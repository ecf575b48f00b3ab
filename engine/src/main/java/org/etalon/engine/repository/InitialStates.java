package org.etalon.engine.repository;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.etalon.engine.backend.ModelFiles;
import org.etalon.engine.config.ConfiguredDataType;
import org.etalon.inference.BytesElements;
import org.etalon.inference.DataType;
import org.etalon.inference.ErrorCode;
import org.etalon.inference.ServingException;
import org.etalon.inference.Shape;
import org.etalon.inference.Tensor;
import org.etalon.protocol.proto.ModelConfig;
import org.etalon.protocol.proto.ModelSequenceBatching;

/**
 * What a model's states are before the first request of a sequence: zeros, or a file of raw
 * little-endian bytes in the model's folder {@code initial_state}.
 */
final class InitialStates {
  private static final String FOLDER = "initial_state";

  private InitialStates() {}

  /**
   * By the name of the state's input, without the batch dimension.
   *
   * @throws ServingException INVALID_ARGUMENT if a file cannot be read or has another size
   */
  static Map<String, Tensor> read(ModelConfig config, ModelFiles files) {
    Map<String, Tensor> states = new HashMap<>();
    for (ModelSequenceBatching.State state : config.getSequenceBatching().getStateList()) {
      states.put(state.getInputName(), initial(state, files));
    }
    return states;
  }

  private static Tensor initial(ModelSequenceBatching.State state, ModelFiles files) {
    DataType datatype = ConfiguredDataType.of(state.getDataType());
    if (state.getInitialStateCount() == 0) {
      return tensor(state, datatype, shape(state.getDimsList()), "");
    }
    ModelSequenceBatching.InitialState initial = state.getInitialState(0);
    Path folder = files.modelDirectory().resolve(FOLDER).normalize();
    if (!initial.hasDataFile()) {
      return tensor(state, datatype, shape(initial.getDimsList()), "");
    }
    Path file = folder.resolve(initial.getDataFile()).normalize();
    if (!file.startsWith(folder)) {
      throw ServingException.invalid(
          "state '%s': data_file '%s' leads out of %s"
              .formatted(state.getInputName(), initial.getDataFile(), folder));
    }
    return tensor(state, datatype, shape(initial.getDimsList()), file.toString());
  }

  /** A free dimension that nothing fixes is empty. */
  private static Shape shape(List<Long> dims) {
    List<Long> fixed = new ArrayList<>(dims);
    fixed.replaceAll(dim -> Math.max(0, dim));
    return Shape.of(fixed.stream().mapToLong(Long::longValue).toArray());
  }

  /**
   * @param file empty: zeros
   */
  private static Tensor tensor(
      ModelSequenceBatching.State state, DataType datatype, Shape shape, String file) {
    long elementBytes = datatype.isFixedSize() ? datatype.elementBytes() : Integer.BYTES;
    long bytes = Math.multiplyExact(shape.elementCount(), elementBytes);
    byte[] data = new byte[Math.toIntExact(bytes)];
    if (!file.isEmpty()) {
      data = bytes(state.getInputName(), Path.of(file));
      boolean fits =
          datatype.isFixedSize()
              ? data.length == bytes
              : BytesElements.count(MemorySegment.ofArray(data)) == shape.elementCount();
      if (!fits) {
        throw ServingException.invalid(
            "state '%s': %s has %d bytes (expected: %s %s)"
                .formatted(state.getInputName(), file, data.length, datatype, shape));
      }
    }
    return new Tensor(state.getInputName(), datatype, shape, MemorySegment.ofArray(data));
  }

  private static byte[] bytes(String state, Path file) {
    try {
      return Files.readAllBytes(file);
    } catch (IOException e) {
      throw new ServingException(
          ErrorCode.INVALID_ARGUMENT, "state '%s': %s".formatted(state, e), e);
    }
  }
}
