package org.etalon.backends.onnx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ServiceLoader;
import org.etalon.engine.backend.Backend;
import org.etalon.engine.backend.BackendModel;
import org.etalon.engine.backend.Device;
import org.etalon.inference.ErrorCode;
import org.etalon.inference.ServingException;
import org.etalon.inference.Shape;
import org.etalon.inference.Tensor;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class OnnxBackendTest {
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

  @Test
  void isFoundByTheServiceLoader() {
    assertThat(ServiceLoader.load(Backend.class))
        .anySatisfy(backend -> {
          assertThat(backend.name()).isEqualTo("onnxruntime");
          assertThat(backend.platforms()).containsExactly("onnxruntime_onnx");
          assertThat(backend.defaultFilenames()).containsExactly("model.onnx");
        });
  }

  @Test
  void namesTheProcessorFirstAmongItsDevices() {
    assertThat(fixture.backend().devices()).startsWith(Device.CPU);
  }

  @Test
  void refusesADeviceThatIsNotThereAndListsThoseThatAre() {
    BackendModel model = fixture.load("mlp", "");
    assertThatThrownBy(() -> model.newInstance(new Device(Device.Kind.CUDA, 99)))
        .isInstanceOf(ServingException.class)
        .hasMessageContaining("no device cuda:99 (available: [cpu");
  }

  @Test
  void loadsTheFileThatTheConfigurationNames() {
    fixture.put("other.onnx", fixture.resource("swap_fp32.onnx"));
    BackendModel model = fixture.load(fixture.config("default_model_filename: 'other.onnx'"));
    assertThat(model.config().getInputList()).hasSize(2);
  }

  @Test
  void loadsAModelThatIsAFolderOfThatName() {
    fixture.put("model.onnx/model.onnx", fixture.resource("external.onnx"));
    fixture.put("model.onnx/external.bin", fixture.resource("external.bin"));
    BackendModel model = fixture.load(fixture.config(""));
    Tensor x = Tensor.of("x", Shape.of(1, 3), new float[] {1, 2, 3});
    assertThat(fixture.run(model, 1, x).getFirst().toFloats()).containsExactly(11, 22, 33);
  }

  @Test
  void findsExternalDataBesideTheFile() {
    fixture.put("external.bin", fixture.resource("external.bin"));
    BackendModel model = fixture.load("external", "");
    Tensor x = Tensor.of("x", Shape.of(2, 3), new float[6]);
    assertThat(fixture.run(model, 2, x).getFirst().toFloats())
        .containsExactly(10, 20, 30, 10, 20, 30);
  }

  @Test
  void saysWhichExternalDataIsMissing() {
    assertThatThrownBy(() -> fixture.load("external", ""))
        .isInstanceOf(ServingException.class)
        .hasMessageContaining("external.bin");
  }

  @Test
  void refusesAMissingFileAndListsWhatIsThere() {
    fixture.put("weights.bin", new byte[1]);
    assertThatThrownBy(() -> fixture.load(fixture.config("")))
        .isInstanceOf(ServingException.class)
        .hasMessageContaining("model 'test' version 1")
        .hasMessageContaining("model.onnx (the directory holds: weights.bin");
  }

  @Test
  void refusesAFileNameThatLeadsOutOfTheVersion() {
    fixture.put("model.onnx", fixture.resource("mlp.onnx"));
    assertThatThrownBy(() -> fixture.load(fixture.config("default_model_filename: '../../x.onnx'")))
        .isInstanceOf(ServingException.class)
        .hasMessageContaining("leads out of the version directory");
  }

  @Test
  void refusesAForeignFileByName() {
    fixture.put("model.onnx", "PK not a model".getBytes(StandardCharsets.UTF_8));
    assertThatThrownBy(() -> fixture.load(fixture.config("")))
        .isInstanceOfSatisfying(
            ServingException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.INVALID_ARGUMENT))
        .hasMessageContaining("model 'test' version 1")
        .hasMessageContaining("model.onnx");
  }

  @ParameterizedTest
  @CsvSource({
    "unknown_operator, Transmogrify",
    "sequence, output 'y' is",
    "swap_complex64, complex64"
  })
  void refusesWhatItCannotServe(String resource, String named) {
    assertThatThrownBy(() -> fixture.load(resource, ""))
        .isInstanceOf(ServingException.class)
        .hasMessageContaining("model 'test' version 1")
        .hasMessageContainingAll(named);
  }

  @Test
  void makesNoInstanceOnceClosed() {
    fixture.put("model.onnx", fixture.resource("mlp.onnx"));
    BackendModel model = fixture.backend().load(fixture.files(), fixture.config(""));
    model.close();
    model.close();
    assertThatThrownBy(() -> model.newInstance(Device.CPU))
        .isInstanceOf(IllegalStateException.class);
  }
}
