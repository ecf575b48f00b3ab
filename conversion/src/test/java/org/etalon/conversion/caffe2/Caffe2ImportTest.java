package org.etalon.conversion.caffe2;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import org.etalon.backends.onnx.OnnxBackend;
import org.etalon.conversion.onnx.OnnxInput;
import org.etalon.conversion.onnx.OnnxModel;
import org.etalon.engine.backend.BackendModel;
import org.etalon.engine.testing.BackendFixture;
import org.etalon.inference.DataType;
import org.etalon.inference.Shape;
import org.etalon.inference.Tensor;
import org.etalon.inference.npy.Npy;
import org.etalon.inference.npy.NpyArray;
import org.etalon.inference.npy.NpyDataTypes;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Networks written from the published schema, run by ONNX Runtime, against NumPy. */
final class Caffe2ImportTest {
  @TempDir Path folder;

  /** NumPy sums in double precision, the network in single: 3e-5 was seen for values of 10. */
  private static final float TOLERANCE = 1e-4f;

  @ParameterizedTest
  @CsvSource({
    "convolutional, prob g",
    "channels_last, y info",
    "decoder, r p",
    "dense, bm gram logp sum",
    "elements, sig e l r ir abs neg sq sw pow sc cl se i div sub mx rs rm rx rf rb l2 ones",
    "gru, h_all h_last",
    "lstm, h_all h_last c_last",
    "lstm_lengths, h_all h_last c_last",
    "lstm_dropping, h_all h_last c_last",
    "shapes, info flat old turned a cut stack vector"
  })
  void answersAsNumPy(String net, String outputs) throws IOException {
    assertAnswers(net, outputs, convert(net, fixedInputs(net)));
  }

  @ParameterizedTest
  @CsvSource({"convolutional, prob g", "decoder, r p", "dense, logp sum"})
  void takesAnyBatchWhereTheFirstExtentIsFree(String net, String outputs) throws IOException {
    Map<String, OnnxInput> inputs = new LinkedHashMap<>();
    for (var input : fixedInputs(net).entrySet()) {
      List<Long> dims = new ArrayList<>(input.getValue().dims());
      dims.set(0, -1L);
      inputs.put(input.getKey(), new OnnxInput(input.getValue().type(), dims));
    }
    OnnxModel model = convert(net, inputs);
    assertThat(model.isBatched()).isTrue();
    if (!net.equals("dense")) { // whose weights of BatchMatMul have the batch's extent
      assertAnswers(net, outputs, model);
    }
  }

  @Test
  void aRecurrentNetIsNotBatchedAsItsFirstExtentIsTime() throws IOException {
    OnnxModel model = convert("lstm", Map.of("x", OnnxInput.parse("-1,3,4")));
    assertThat(model.config()).contains("max_batch_size: 0").contains("dims: [ -1, 3, 4 ]");
    assertAnswers("lstm", "h_all h_last c_last", model);
  }

  @Test
  void asksForTheShapeOfWhatRequestsBring() {
    assertThatThrownBy(() -> convert("shapes", Map.of("x", OnnxInput.parse("4,6,5"))))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("blobs [y] come with requests")
        .hasMessageContaining("--input y=-1,...");
  }

  @Test
  void refusesAnInputThatNoOperatorReads() {
    assertThatThrownBy(() ->
            convert("lstm", Map.of("x", OnnxInput.parse("-1,3,4"), "z", OnnxInput.parse("1"))))
        .hasMessageContaining("--input z: no operator reads such a blob");
  }

  @Test
  void namesEveryUnknownOperatorAtOnce() throws IOException {
    Path predict = write(Wire.net(Wire.op("Foo", "x", "y"), Wire.op("Bar", "y", "z")));
    assertThatThrownBy(() -> Caffe2Import.convert(weights(), predict, x()))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("operators [Bar, Foo] are not known (known: Abs, Add,")
        .hasMessageStartingWith(predict.toString());
  }

  @Test
  void refusesANetworkInTraining() throws IOException {
    Path predict = write(Wire.net(Wire.op("Dropout", "x", "y")));
    assertThatThrownBy(() -> Caffe2Import.convert(weights(), predict, x()))
        .hasMessageContaining("operator Dropout (output [y]): is_test is 0");
  }

  @Test
  void refusesWeightsDrawnAtRandom() throws IOException {
    Path predict = write(Wire.net(Wire.op("XavierFill", "", "w"), Wire.op("Relu", "x", "y")));
    assertThatThrownBy(() -> Caffe2Import.convert(weights(), predict, x()))
        .hasMessageContaining("operator XavierFill (output [w]): draws its values at random");
  }

  @Test
  void doesNotReplaceAFolder() throws IOException {
    OnnxModel model = convert("lstm", fixedInputs("lstm"));
    assertThatThrownBy(() -> model.write(folder)).hasMessageContaining("exists already");
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 4})
  void aDamagedFileIsAnErrorThatNamesIt(int seed) throws IOException {
    Random random = new Random(seed);
    byte[] whole = BackendFixture.resource(Caffe2ImportTest.class, "lstm/predict_net.pb");
    Map<String, OnnxInput> inputs = fixedInputs("lstm");
    Path init = Files.write(folder.resolve("init_net.pb"), resource("lstm/init_net.pb"));
    for (int i = 0; i < 150; i++) {
      byte[] damaged = Arrays.copyOf(whole, 1 + random.nextInt(whole.length));
      for (int flips = random.nextInt(4); flips > 0; flips--) {
        damaged[random.nextInt(damaged.length)] ^= (byte) (1 << random.nextInt(8));
      }
      Path predict = Files.write(folder.resolve("predict_net.pb"), damaged);
      try {
        Caffe2Import.convert(init, predict, inputs);
      } catch (IOException e) {
        assertThat(e).hasMessageContaining("predict_net.pb");
      }
    }
  }

  @Test
  void netsWithinNetsWithoutEndAreRefused() throws IOException {
    byte[] net = Wire.net(Wire.op("Relu", "x", "y"));
    for (int i = 0; i < 2_000; i++) {
      net = Wire.chunk(2, Wire.chunk(5, Wire.chunk(8, net)));
    }
    Path predict = write(net);
    assertThatThrownBy(() -> Caffe2Import.convert(weights(), predict, x()))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("nets within nets");
  }

  private static Map<String, OnnxInput> x() {
    return Map.of("x", OnnxInput.parse("-1,3"));
  }

  private Path write(byte[] net) throws IOException {
    return Files.write(folder.resolve("predict_net.pb"), net);
  }

  private Path weights() throws IOException {
    return Files.write(folder.resolve("init_net.pb"), resource("lstm/init_net.pb"));
  }

  private static byte[] resource(String name) {
    return BackendFixture.resource(Caffe2ImportTest.class, name);
  }

  private OnnxModel convert(String net, Map<String, OnnxInput> inputs) throws IOException {
    Path init = Files.write(folder.resolve("init.pb"), resource(net + "/init_net.pb"));
    Path predict = Files.write(folder.resolve("predict.pb"), resource(net + "/predict_net.pb"));
    return Caffe2Import.convert(init, predict, inputs);
  }

  private static Map<String, OnnxInput> fixedInputs(String net) throws IOException {
    Map<String, OnnxInput> inputs = new LinkedHashMap<>();
    for (Tensor tensor : inputs(net)) {
      String extents =
          String.join(",", tensor.shape().toList().stream().map(String::valueOf).toList());
      inputs.put(tensor.name(), OnnxInput.parse(tensor.datatype() + ":" + extents));
    }
    return inputs;
  }

  private static List<Tensor> inputs(String net) throws IOException {
    List<Tensor> tensors = new ArrayList<>();
    for (String name : List.of("x", "y", "lengths")) {
      if (Caffe2ImportTest.class.getResource(net + "/in_" + name + ".npy") != null) {
        tensors.add(tensor(name, Npy.read(resource(net + "/in_" + name + ".npy"))));
      }
    }
    return tensors;
  }

  private static Tensor tensor(String name, NpyArray array) {
    DataType type = NpyDataTypes.datatype(array.dtype()).orElseThrow();
    return new Tensor(name, type, Shape.of(array.shape()), array.data());
  }

  private void assertAnswers(String net, String outputs, OnnxModel model) throws IOException {
    Path served = folder.resolve("model");
    model.write(served);
    try (BackendFixture fixture = new BackendFixture(served, new OnnxBackend())) {
      BackendModel loaded = fixture.load(fixture.config(model.config()));
      Tensor[] inputs =
          loaded.config().getInputList().stream()
              .map(input -> named(net, input.getName()))
              .toArray(Tensor[]::new);
      int rows = model.isBatched() ? Math.toIntExact(inputs[0].shape().dim(0)) : 1;
      Map<String, Tensor> answers = new LinkedHashMap<>();
      fixture.run(loaded, rows, inputs).forEach(answer -> answers.put(answer.name(), answer));
      for (String output : outputs.split(" ")) {
        Tensor expected = tensor(output, Npy.read(resource(net + "/out_" + output + ".npy")));
        assertSame(Objects.requireNonNull(answers.get(output), output), expected);
      }
    }
  }

  private static Tensor named(String net, String name) {
    try {
      return inputs(net).stream()
          .filter(each -> each.name().equals(name))
          .findFirst()
          .orElseThrow();
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  private static void assertSame(Tensor answer, Tensor expected) {
    assertThat(answer.shape()).as(answer.name()).isEqualTo(expected.shape());
    assertThat(answer.datatype()).as(answer.name()).isEqualTo(expected.datatype());
    if (answer.datatype() != DataType.FP32) {
      assertThat(answer.data().mismatch(expected.data())).as(answer.name()).isEqualTo(-1);
      return;
    }
    assertThat(answer.toFloats())
        .as(answer.name())
        .containsExactly(expected.toFloats(), within(TOLERANCE));
  }
}
