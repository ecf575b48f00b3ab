package org.etalon.backends.onnx;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.etalon.engine.backend.BackendModel;
import org.etalon.engine.testing.ResidentMemory;
import org.etalon.inference.DataType;
import org.etalon.inference.ErrorCode;
import org.etalon.inference.ServingException;
import org.etalon.inference.Shape;
import org.etalon.inference.Tensor;
import org.etalon.protocol.proto.ModelConfig;
import org.etalon.protocol.proto.ModelInput;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Files with flipped bits, wrong bytes and missing ends: each loads and runs, or is refused. */
@Timeout(120)
final class CorruptFileTest {
  private static final List<String> MODELS = List.of("identity", "coincidence", "mlp");
  private static final long MAX_GROWTH_BYTES = 256L << 20;

  @TempDir Path directory;
  private OnnxFixture fixture;

  @BeforeEach
  void open() {
    fixture = new OnnxFixture(directory);
  }

  @AfterEach
  void close() {
    fixture.close();
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 100, 200})
  void loadsOrIsRefusedWithinBoundedMemory(int firstSeed) {
    loadAll(firstSeed, 100);
  }

  /** Half a minute, 1 GiB. */
  @Test
  @Tag("slow")
  void loadsOrIsRefusedForManyMore() {
    loadAll(1000, 5_000);
  }

  private void loadAll(int firstSeed, int count) {
    load(0, fixture.resource("mlp.onnx")); // what the first use takes for good
    long before = ResidentMemory.bytes();
    for (int seed = firstSeed; seed < firstSeed + count; seed++) {
      byte[] model = fixture.resource(MODELS.get(seed % MODELS.size()) + ".onnx");
      load(seed, mutated(model, new Random(seed)));
    }
    assertThat(ResidentMemory.bytes() - before).isLessThan(MAX_GROWTH_BYTES);
  }

  private void load(int seed, byte[] file) {
    fixture.put("model.onnx", file);
    try (BackendModel model = fixture.backend().load(fixture.files(), fixture.config(""))) {
      run(model);
    } catch (ServingException e) {
      assertThat(e).as("seed %d", seed).hasMessageContaining("model 'test' version 1");
      assertThat(e.code())
          .as("seed %d: %s", seed, e.getMessage())
          .isIn(ErrorCode.INVALID_ARGUMENT, ErrorCode.UNIMPLEMENTED, ErrorCode.INTERNAL);
    }
  }

  /** Two rows, as long as the file now says the inputs are; small ones only. */
  private void run(BackendModel model) {
    ModelConfig config = model.config();
    Tensor[] inputs =
        config.getInputList().stream()
            .map(input -> input(input, config.getMaxBatchSize() > 0))
            .toArray(Tensor[]::new);
    if (Arrays.stream(inputs).allMatch(input -> input.shape().elementCount() < 10_000)) {
      fixture.run(model, 2, inputs);
    }
  }

  private static Tensor input(ModelInput input, boolean hasBatch) {
    Shape row =
        Shape.of(input.getDimsList().stream().mapToLong(dim -> dim < 0 ? 3 : dim).toArray());
    Shape shape = hasBatch ? row.prepend(2) : row;
    DataType datatype =
        DataType.named(input.getDataType().name().substring("TYPE_".length()))
            .orElse(DataType.BYTES);
    long bytes =
        shape.elementCount() < 10_000
            ? shape.elementCount() * (datatype.isFixedSize() ? datatype.elementBytes() : 4)
            : 0;
    return bytes == 0
        ? Tensor.of(input.getName(), Shape.of(0), new float[0])
        : new Tensor(
            input.getName(), datatype, shape, MemorySegment.ofArray(new byte[(int) bytes]));
  }

  private static byte[] mutated(byte[] model, Random random) {
    if (random.nextInt(4) == 0) {
      return Arrays.copyOf(model, random.nextInt(model.length));
    }
    byte[] changed = model.clone();
    int changes = 1 + random.nextInt(8);
    for (int i = 0; i < changes; i++) {
      int at = position(changed.length, random);
      changed[at] =
          random.nextBoolean()
              ? (byte) random.nextInt(256)
              : (byte) (changed[at] ^ 1 << random.nextInt(8));
    }
    return changed;
  }

  /** Structure lies at the ends of these files, weights between. */
  private static int position(int length, Random random) {
    int end = Math.min(length, 600);
    return switch (random.nextInt(3)) {
      case 0 -> random.nextInt(length);
      case 1 -> random.nextInt(end);
      default -> length - 1 - random.nextInt(end);
    };
  }
}
