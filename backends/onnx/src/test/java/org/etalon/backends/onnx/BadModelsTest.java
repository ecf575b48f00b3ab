package org.etalon.backends.onnx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.etalon.engine.Engine;
import org.etalon.engine.backend.Backend;
import org.etalon.engine.config.EngineConfig;
import org.etalon.engine.status.ModelIndexEntry;
import org.etalon.engine.testing.BackendFixture;
import org.etalon.inference.DataType;
import org.etalon.inference.InferenceRequest;
import org.etalon.inference.InferenceResponse;
import org.etalon.inference.ModelId;
import org.etalon.inference.Shape;
import org.etalon.inference.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * One repository with a good model and every kind of bad one: each is named, the good one serves.
 */
final class BadModelsTest {
  @TempDir Path repository;

  private void put(String model, byte[] file, String config) throws IOException {
    Path version = Files.createDirectories(repository.resolve(model).resolve("1"));
    Files.write(version.resolve("model.onnx"), file);
    if (!config.isEmpty()) {
      Files.writeString(repository.resolve(model).resolve("config.pbtxt"), config);
    }
  }

  /** As a TorchScript file begins: an archive with a code folder. */
  private static byte[] torchScript() throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (ZipOutputStream zip = new ZipOutputStream(bytes)) {
      zip.putNextEntry(new ZipEntry("bbh/code/__torch__.py"));
      zip.write("class Net(Module):\n".getBytes(StandardCharsets.UTF_8));
      zip.closeEntry();
    }
    return bytes.toByteArray();
  }

  /** As a SavedModel begins: schema version 1, and a graph's metadata. */
  private static byte[] savedModel() {
    return new byte[] {
      8, 1, 18, 20, 10, 18, 34, 5, 's', 'e', 'r', 'v', 'e', 42, 6, '2', '.', '2', '1', '.', '0', 0
    };
  }

  private void putAll() throws IOException {
    byte[] mlp = BackendFixture.resource(BadModelsTest.class, "mlp.onnx");
    put("good", BackendFixture.resource(BadModelsTest.class, "identity.onnx"), "");
    put("empty", new byte[0], "");
    put("truncated", Arrays.copyOf(mlp, mlp.length / 2), "");
    put("torch", torchScript(), "");
    put("tensorflow", savedModel(), "");
    put("operator", BackendFixture.resource(BadModelsTest.class, "unknown_operator.onnx"), "");
    put(
        "misnamed",
        mlp,
        "max_batch_size: 8 input { name: 'X' data_type: TYPE_FP32 dims: 64 } output { name: 'y' }");
    put("huge", BackendFixture.resource(BadModelsTest.class, "zeros.onnx"), "");
  }

  @Test
  void everyBadFileIsRefusedByNameAndTheOthersServe() throws IOException {
    putAll();
    try (Engine engine = start()) {
      Map<String, ModelIndexEntry> index =
          engine.index().stream()
              .collect(Collectors.toMap(ModelIndexEntry::model, Function.identity()));
      for (String bad :
          List.of("empty", "truncated", "torch", "tensorflow", "operator", "misnamed")) {
        ModelIndexEntry entry = entry(index, bad);
        assertThat(entry.state()).as(bad).isEqualTo(ModelIndexEntry.State.UNAVAILABLE);
        assertThat(entry.reason()).contains("model '" + bad + "' version 1", "model.onnx");
      }
      assertThat(entry(index, "operator").reason()).contains("Transmogrify");
      assertThat(entry(index, "misnamed").reason())
          .contains("input 'X' is not in the file (its inputs: x)");
      serves(engine);
    }
  }

  private static ModelIndexEntry entry(Map<String, ModelIndexEntry> index, String model) {
    return Objects.requireNonNull(index.get(model), model);
  }

  @Test
  void aBatchTooLargeForTheMemoryFailsItsRequestAlone() throws IOException {
    putAll();
    try (Engine engine = start()) {
      Tensor shape =
          new Tensor(
              "shape", DataType.INT64, Shape.of(1), MemorySegment.ofArray(new long[] {1L << 45}));
      InferenceRequest huge = InferenceRequest.of(ModelId.of("huge"), shape);
      for (int i = 0; i < 3; i++) {
        assertThatThrownBy(() -> engine.infer(huge).join())
            .hasMessageContainingAll("model 'huge' version 1", "the model failed");
        serves(engine);
      }
      Tensor three =
          new Tensor("shape", DataType.INT64, Shape.of(1), MemorySegment.ofArray(new long[] {3}));
      try (InferenceResponse response =
          engine.infer(InferenceRequest.of(ModelId.of("huge"), three)).join()) {
        assertThat(response.output("y").toFloats()).containsExactly(0, 0, 0);
      }
    }
  }

  private Engine start() {
    return Engine.start(EngineConfig.of(List.of(repository)), List.<Backend>of(new OnnxBackend()));
  }

  private static void serves(Engine engine) {
    Tensor x = Tensor.of("x", Shape.of(1, 2), new float[] {1, 2});
    try (InferenceResponse response =
        engine.infer(InferenceRequest.of(ModelId.of("good"), x)).join()) {
      assertThat(response.output("y").toFloats()).containsExactly(1, 2);
    }
  }
}
