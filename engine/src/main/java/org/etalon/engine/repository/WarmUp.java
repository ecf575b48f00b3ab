package org.etalon.engine.repository;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import java.util.Random;
import org.etalon.engine.backend.ModelFiles;
import org.etalon.engine.backend.ModelInstance;
import org.etalon.engine.backend.OutputMemory;
import org.etalon.engine.config.ConfiguredDataType;
import org.etalon.engine.scheduling.TrialRun;
import org.etalon.inference.BytesElements;
import org.etalon.inference.DataType;
import org.etalon.inference.ErrorCode;
import org.etalon.inference.ServingException;
import org.etalon.inference.Shape;
import org.etalon.inference.Tensor;
import org.etalon.protocol.proto.ModelConfig;
import org.etalon.protocol.proto.ModelInput;
import org.etalon.protocol.proto.ModelWarmup;

/**
 * The requests that an instance answers before it is used ({@code model_warmup}), so that the first
 * asker does not wait for a framework's lazy work. Thread-safe.
 */
final class WarmUp {
  /** One seed, so that a warm-up that fails, fails again. */
  private static final long SEED = 1;

  private final ModelConfig config;
  private final ModelFiles files;
  private final TrialRun run;

  WarmUp(ModelConfig config, ModelFiles files, TrialRun run) {
    this.config = config;
    this.files = files;
    this.run = run;
  }

  /**
   * Runs all samples on an instance; the outputs are dropped.
   *
   * @throws ServingException if one fails or its data cannot be read
   */
  void run(ModelInstance instance, OutputMemory.Pool pool) {
    for (ModelWarmup sample : config.getModelWarmupList()) {
      try (Arena arena = Arena.ofConfined()) {
        int rows = Math.max(1, sample.getBatchSize());
        List<Tensor> inputs = inputs(sample, rows, arena);
        for (int i = 0; i < Math.max(1, sample.getCount()); i++) {
          run.of(instance, inputs, pool, _ -> {});
        }
      } catch (ServingException e) {
        throw new ServingException(
            e.code(), "warm-up '%s': %s".formatted(sample.getName(), e.getMessage()), e);
      } catch (IOException | IllegalArgumentException e) {
        throw new ServingException(
            ErrorCode.INVALID_ARGUMENT, "warm-up '%s': %s".formatted(sample.getName(), e), e);
      }
    }
  }

  private List<Tensor> inputs(ModelWarmup sample, int rows, Arena arena) throws IOException {
    List<Tensor> inputs = new ArrayList<>();
    for (ModelInput input : config.getInputList()) {
      if (sample.containsInputs(input.getName())) {
        inputs.add(tensor(input, sample.getInputsOrThrow(input.getName()), rows, arena));
      }
    }
    return inputs;
  }

  private Tensor tensor(ModelInput described, ModelWarmup.Input input, int rows, Arena arena)
      throws IOException {
    String name = described.getName();
    DataType datatype = ConfiguredDataType.of(input.getDataType());
    Shape row = Shape.of(input.getDimsList().stream().mapToLong(Long::longValue).toArray());
    byte[] data =
        switch (input.getInputDataTypeCase()) {
          case ZERO_DATA, INPUTDATATYPE_NOT_SET -> zeros(datatype, row);
          case RANDOM_DATA -> random(datatype, row);
          case INPUT_DATA_FILE -> fromFile(name, datatype, row, input.getInputDataFile());
        };
    boolean isBatching = config.getMaxBatchSize() > 0;
    if (described.getIsShapeTensor()) {
      return shapeTensor(
          name, datatype, isBatching ? OptionalInt.of(rows) : OptionalInt.empty(), data);
    }
    MemorySegment memory =
        arena.allocate(Math.max(1, Math.multiplyExact((long) data.length, (long) rows)), 64);
    for (int i = 0; i < rows; i++) {
      MemorySegment.copy(
          MemorySegment.ofArray(data), 0, memory, (long) i * data.length, data.length);
    }
    Shape shape = isBatching ? row.prepend(rows) : row;
    return new Tensor(name, datatype, shape, memory.asSlice(0, (long) data.length * rows));
  }

  /** The values, behind the batch where there is one. */
  private static Tensor shapeTensor(
      String name, DataType datatype, OptionalInt batch, byte[] values) {
    int width = datatype.elementBytes();
    int offset = batch.isPresent() ? width : 0;
    byte[] data = new byte[offset + values.length];
    System.arraycopy(values, 0, data, offset, values.length);
    MemorySegment memory = MemorySegment.ofArray(data);
    if (batch.isPresent()) {
      memory.set(Tensor.INT, 0, batch.getAsInt());
    }
    return new Tensor(name, datatype, Shape.of(data.length / width), memory);
  }

  /** Of BYTES, each element is an empty string: a length of four zero bytes. */
  private static byte[] zeros(DataType datatype, Shape row) {
    long elementBytes = datatype.isFixedSize() ? datatype.elementBytes() : Integer.BYTES;
    return new byte[Math.toIntExact(Math.multiplyExact(row.elementCount(), elementBytes))];
  }

  /** Numbers from 0 to 1, integers of any value; of BYTES, empty strings. */
  private static byte[] random(DataType datatype, Shape row) {
    byte[] data = zeros(datatype, row);
    Random random = new Random(SEED);
    MemorySegment memory = MemorySegment.ofArray(data);
    int elements = Math.toIntExact(row.elementCount());
    switch (datatype) {
      case BYTES -> {}
      case BOOL -> {
        for (int i = 0; i < elements; i++) {
          data[i] = (byte) (random.nextBoolean() ? 1 : 0);
        }
      }
      case FP16 -> {
        for (int i = 0; i < elements; i++) {
          memory.set(Tensor.SHORT, 2L * i, Float.floatToFloat16(random.nextFloat()));
        }
      }
      case BF16 -> {
        for (int i = 0; i < elements; i++) {
          short upperHalf = (short) (Float.floatToRawIntBits(random.nextFloat()) >>> Short.SIZE);
          memory.set(Tensor.SHORT, 2L * i, upperHalf);
        }
      }
      case FP32 -> {
        for (int i = 0; i < elements; i++) {
          memory.set(Tensor.FLOAT, 4L * i, random.nextFloat());
        }
      }
      case FP64 -> {
        for (int i = 0; i < elements; i++) {
          memory.set(Tensor.DOUBLE, 8L * i, random.nextDouble());
        }
      }
      case INT8, INT16, INT32, INT64, UINT8, UINT16, UINT32, UINT64 -> random.nextBytes(data);
    }
    return data;
  }

  /** One row as raw bytes, little-endian, from the model's {@code warmup} folder. */
  private byte[] fromFile(String tensor, DataType datatype, Shape row, String dataFile)
      throws IOException {
    Path folder = files.modelDirectory().resolve(ModelDirectory.WARM_UP).normalize();
    Path file = folder.resolve(dataFile).normalize();
    if (!file.startsWith(folder)) {
      throw ServingException.invalid(
          "input_data_file '%s' leads out of %s".formatted(dataFile, folder));
    }
    byte[] data = Files.readAllBytes(file);
    boolean fits =
        datatype.isFixedSize()
            ? data.length == Tensor.byteSize(datatype, row)
            : BytesElements.count(MemorySegment.ofArray(data)) == row.elementCount();
    if (!fits) {
      throw ServingException.invalid(
          "%s: %d bytes (expected: one row of input '%s', %s %s)"
              .formatted(file, data.length, tensor, datatype, row));
    }
    return data;
  }
}
