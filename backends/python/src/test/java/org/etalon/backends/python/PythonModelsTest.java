package org.etalon.backends.python;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.etalon.engine.testing.RowRequests.ask;
import static org.etalon.engine.testing.RowRequests.failure;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.stream.IntStream;
import org.etalon.engine.Engine;
import org.etalon.engine.config.EngineConfig;
import org.etalon.engine.config.EngineConfig.ModelControl;
import org.etalon.engine.request.LoadOverride;
import org.etalon.engine.testing.FakeRepository;
import org.etalon.inference.DataType;
import org.etalon.inference.ErrorCode;
import org.etalon.inference.InferenceRequest;
import org.etalon.inference.InferenceResponse;
import org.etalon.inference.ModelId;
import org.etalon.inference.Parameter;
import org.etalon.inference.ServingException;
import org.etalon.inference.Shape;
import org.etalon.inference.Tensor;
import org.etalon.protocol.proto.ModelConfig;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** With the Python that {@code ETALON_PYTHON} names, or python3, where it has numpy. */
class PythonModelsTest {
  private static final String X_TO_Y =
      """
      backend: "python"
      max_batch_size: 64
      input { name: "x" data_type: TYPE_FP32 dims: [ -1 ] }
      output { name: "y" data_type: TYPE_FP32 dims: [ -1 ] }
      """;

  private static final String BEGINNING =
      """
      import numpy as np
      import triton_python_backend_utils as pb_utils

      class TritonPythonModel:
      """;

  /** Its body is what execute does with {@code x}, an array, to give {@code y}. */
  private static final String EACH =
      BEGINNING
          + """
              def execute(self, requests):
                  responses = []
                  for request in requests:
                      x = pb_utils.get_input_tensor_by_name(request, "x").as_numpy()
                      %s
                      responses.append(pb_utils.InferenceResponse([pb_utils.Tensor("y", y)]))
                  return responses
          """;

  @TempDir Path folder;

  private FakeRepository repository;

  @BeforeAll
  static void needNumpy() throws InterruptedException {
    String python = Optional.ofNullable(System.getenv("ETALON_PYTHON")).orElse("python3");
    boolean isThere;
    try {
      isThere = new ProcessBuilder(python, "-c", "import numpy").start().waitFor() == 0;
    } catch (IOException _) {
      isThere = false;
    }
    assumeTrue(isThere, "needs a Python with numpy (python3, or the one that ETALON_PYTHON names)");
  }

  @BeforeEach
  void makeRepository() {
    repository = new FakeRepository(folder);
  }

  private void model(String name, String config, String source) {
    repository.file(name, "1/model.py", source).config(name, config);
  }

  private Engine serve() {
    EngineConfig config =
        EngineConfig.of(List.of(folder))
            .withControl(ModelControl.EXPLICIT, Set.of("*"))
            .withShutdownGrace(Duration.ofSeconds(10));
    return Engine.start(config, List.of(new PythonBackend()));
  }

  private static Map<String, String> reasons(Engine engine) {
    Map<String, String> reasons = new HashMap<>();
    engine.index().forEach(entry -> reasons.put(entry.model(), entry.reason()));
    return reasons;
  }

  @Test
  void answersWhateverTheSize() {
    model("m", X_TO_Y, EACH.formatted("y = 2 * x + 1"));
    try (Engine engine = serve()) {
      for (int size : new int[] {1, 1000, 300_000, 7}) {
        float[] row = new float[size];
        row[size - 1] = 3;
        float[] got = ask(engine, "m", row).join();
        assertThat(got).hasSize(size);
        assertThat(got[size - 1]).isEqualTo(7);
      }
    }
  }

  @Test
  void seesEachRequestOfABatchWithItsIdAndParameters() {
    model(
        "m",
        X_TO_Y.replace(
                "output { name: \"y\" data_type: TYPE_FP32 dims: [ -1 ]",
                "output { name: \"y\" data_type: TYPE_STRING dims: [ 1 ]")
            + "dynamic_batching { max_queue_delay_microseconds: 100000 preferred_batch_size: 4 }",
        EACH.formatted(
            "import json; y = np.full((len(x), 1), '%s %d of %d, %s' % (request.request_id(), len(x), len(requests), json.loads(request.parameters()).get('who')), dtype=object)"));
    try (Engine engine = serve()) {
      List<CompletableFuture<String>> all =
          IntStream.range(0, 4)
              .mapToObj(i ->
                  engine
                      .infer(
                          InferenceRequest.to(ModelId.of("m"))
                              .id("r" + i)
                              .input(Tensor.of("x", Shape.of(1, 1), new float[] {i}))
                              .parameters(Map.of("who", new Parameter.Text("w" + i)))
                              .build())
                      .thenApply(PythonModelsTest::text))
              .toList();
      for (int i = 0; i < 4; i++) {
        assertThat(all.get(i).join()).isEqualTo("r%d 1 of 4, w%d", i, i);
      }
    }
  }

  private static String text(InferenceResponse response) {
    try (response) {
      byte[] element = response.outputs().getFirst().data().toArray(ValueLayout.JAVA_BYTE);
      return new String(element, Integer.BYTES, element.length - Integer.BYTES, UTF_8);
    }
  }

  @Test
  void givesStringsBackAsTheyCame() {
    model(
        "m",
        X_TO_Y.replace("TYPE_FP32", "TYPE_STRING"),
        EACH.formatted(
            "y = np.array([e.decode()[::-1].encode() for e in x.ravel()], dtype=object).reshape(x.shape)"));
    byte[] word = "gnuz\u00fcw".getBytes(UTF_8);
    ByteBuffer element = ByteBuffer.allocate(Integer.BYTES + word.length);
    element.order(ByteOrder.LITTLE_ENDIAN).putInt(word.length).put(word);
    Tensor x =
        new Tensor("x", DataType.BYTES, Shape.of(1, 1), MemorySegment.ofArray(element.array()));
    try (Engine engine = serve()) {
      String got =
          engine
              .infer(InferenceRequest.of(ModelId.of("m"), x))
              .thenApply(PythonModelsTest::text)
              .join();
      assertThat(got).isEqualTo("w\u00fczung");
    }
  }

  @Test
  void completesItsConfigurationItself() {
    repository.file(
        "m",
        "1/model.py",
        BEGINNING
            + """
                @staticmethod
                def auto_complete_config(config):
                    config.add_input({"name": "x", "data_type": "TYPE_FP32", "dims": [3]})
                    config.add_output({"name": "y", "data_type": "TYPE_FP32", "dims": [1]})
                    config.set_max_batch_size(16)
                    config.set_dynamic_batching()
                    return config

                def initialize(self, args):
                    import json
                    config = json.loads(args["model_config"])
                    self.kind = pb_utils.triton_string_to_numpy(pb_utils.get_output_config_by_name(config, "y")["data_type"])
                    assert args["model_name"] == "m" and args["model_version"] == "1" and args["model_instance_kind"] == "CPU"

                def execute(self, requests):
                    return [pb_utils.InferenceResponse([pb_utils.Tensor("y", r.inputs()[0].as_numpy().sum(axis=1, keepdims=True).astype(self.kind))])
                            for r in requests]
            """);
    try (Engine engine = serve()) {
      assertThat(ask(engine, "m", 1, 2, 3).join()).containsExactly(6);
      assertThat(engine.config(ModelId.of("m")).getMaxBatchSize()).isEqualTo(16);
    }
  }

  @Test
  void whatIsWrongWithAModelIsSaidAtLoad() {
    model("syntax", X_TO_Y, BEGINNING + "    def execute(self, requests:\n        return []\n");
    model("module", X_TO_Y, "import no_such_module_at_all\n" + EACH.formatted("y = x"));
    model("class", X_TO_Y, "x = 1\n");
    model("execute", X_TO_Y, BEGINNING + "    pass\n");
    model(
        "initialize",
        X_TO_Y,
        BEGINNING
            + """
                def initialize(self, args):
                    self.weights = {}["w"]

                def execute(self, requests):
                    return []
            """);
    model("exits", X_TO_Y, "import os\nos._exit(3)\n");
    model(
        "environment",
        X_TO_Y
            + "parameters { key: 'EXECUTION_ENV_PATH' value { string_value: '$$TRITON_MODEL_DIRECTORY/env' } }",
        EACH.formatted("y = x"));
    model("sequence", X_TO_Y + "sequence_batching { }", EACH.formatted("y = x"));
    model("good", X_TO_Y, EACH.formatted("y = x"));
    try (Engine engine = serve()) {
      Map<String, String> reasons = reasons(engine);
      assertThat(reasons.get("syntax")).contains("model.py, line 5: '(' was never closed");
      assertThat(reasons.get("module"))
          .contains(
              "No module named 'no_such_module_at_all'",
              "(model.py, line 1)",
              "expected: a Python that has it");
      assertThat(reasons.get("class")).contains("model.py has no class TritonPythonModel");
      assertThat(reasons.get("execute")).contains("TritonPythonModel has no execute");
      assertThat(reasons.get("initialize")).contains("KeyError: 'w' (model.py, line 6)");
      assertThat(reasons.get("exits"))
          .contains("ended with exit status 3", "while it loaded the model");
      assertThat(reasons.get("environment")).contains("EXECUTION_ENV_PATH", "env/bin/python");
      assertThat(reasons.get("sequence")).contains("expected: sequence_batching.state");
      assertThat(ask(engine, "good", 1).join()).containsExactly(1);
    }
  }

  @Test
  void whatIsWrongWithAnAnswerIsSaidByName() {
    model(
        "m",
        X_TO_Y,
        BEGINNING
            + """
                def execute(self, requests):
                    trouble = int(requests[0].inputs()[0].as_numpy()[0, 0])
                    x = requests[0].inputs()[0].as_numpy()
                    answer = lambda y: [pb_utils.InferenceResponse([pb_utils.Tensor("y", y)])]
                    if trouble == 1:
                        raise ValueError("of my own")
                    if trouble == 2:
                        return []
                    if trouble == 3:
                        return None
                    if trouble == 4:
                        return [pb_utils.InferenceResponse(error=pb_utils.TritonError("no such event", pb_utils.TritonError.INVALID_ARG))]
                    if trouble == 5:
                        return answer(np.zeros((7, 1), np.float32))
                    if trouble == 6:
                        return answer(np.zeros((1, 1), np.float64))
                    if trouble == 7:
                        return [pb_utils.InferenceResponse([])]
                    if trouble == 8:
                        return answer(np.zeros((1, 1), np.complex64))
                    return answer(x)
            """);
    try (Engine engine = serve()) {
      assertThat(failure(ask(engine, "m", 1)))
          .hasMessageContaining("ValueError: of my own (model.py, line 10)");
      assertThat(failure(ask(engine, "m", 2)))
          .hasMessageContaining("execute returned 0 responses (expected: a list of 1");
      assertThat(failure(ask(engine, "m", 3))).hasMessageContaining("execute returned a NoneType");
      ServingException refused = failure(ask(engine, "m", 4));
      assertThat(refused).hasMessageContaining("no such event");
      assertThat(refused.code()).isEqualTo(ErrorCode.INVALID_ARGUMENT);
      assertThat(failure(ask(engine, "m", 5)))
          .hasMessageContaining("[7,1]")
          .hasMessageContaining("'y'");
      assertThat(failure(ask(engine, "m", 6)))
          .hasMessageContaining("FP64")
          .hasMessageContaining("'y'");
      assertThat(failure(ask(engine, "m", 7))).hasMessageContaining("'y'");
      assertThat(failure(ask(engine, "m", 8))).hasMessageContaining("complex64");
      assertThat(ask(engine, "m", 0).join()).containsExactly(0);
      assertThat(engine.instances().getFirst().process().orElseThrow().starts()).isEqualTo(1);
    }
  }

  @Test
  void aCrashOrAnEndlessLoopFailsTheRequestAlone() {
    model(
        "m",
        X_TO_Y + "parameters { key: 'worker_run_seconds' value { string_value: '1' } }",
        EACH.formatted(
            """
            import os
                        if x[0, 0] == 1: os._exit(5)
                        while x[0, 0] == 2: pass
                        y = x\
            """));
    model("other", X_TO_Y, EACH.formatted("y = x"));
    try (Engine engine = serve()) {
      CompletableFuture<float[]> crash = ask(engine, "m", 1);
      assertThat(ask(engine, "other", 4).join()).containsExactly(4);
      assertThat(failure(crash))
          .hasMessageContaining("ended with exit status 5")
          .hasMessageContaining("for the second time");
      assertThat(ask(engine, "m", 3).join()).containsExactly(3);
      assertThat(failure(ask(engine, "m", 2)))
          .hasMessageContaining("was ended: it ran a batch for more than PT1S");
    }
  }

  @Test
  void asksOtherModelsWhileItRuns() {
    model("half", X_TO_Y, EACH.formatted("y = x / 2"));
    model(
        "m",
        X_TO_Y,
        EACH.formatted(
            """
            name = "half" if x[0, 0] >= 0 else "nobody"
                        asked = pb_utils.InferenceRequest(model_name=name, requested_output_names=["y"], inputs=[pb_utils.Tensor("x", x)])
                        answer = asked.exec()
                        if answer.has_error():
                            raise pb_utils.TritonModelException(answer.error().message())
                        y = 10 + pb_utils.get_output_tensor_by_name(answer, "y").as_numpy()\
            """));
    try (Engine engine = serve()) {
      assertThat(ask(engine, "m", 4, 6).join()).containsExactly(12, 13);
      float[] large = new float[500_000];
      assertThat(ask(engine, "m", large).join()).hasSize(large.length).containsOnly(10);
      assertThat(failure(ask(engine, "m", -1))).hasMessageContaining("'nobody'");
      assertThat(ask(engine, "m", 2).join()).containsExactly(11);
    }
  }

  @Test
  void aModelThatComesWithARequestIsRefused() {
    model("m", X_TO_Y, EACH.formatted("y = x"));
    LoadOverride sent =
        new LoadOverride(
            ModelConfig.newBuilder().setBackend("python").build(),
            Map.of("1/model.py", EACH.formatted("y = x + 1").getBytes(UTF_8)));
    try (Engine engine = serve()) {
      assertThatExceptionOfType(CompletionException.class)
          .isThrownBy(() -> engine.load("m", sent).join())
          .withMessageContaining("backend 'python' runs code");
      assertThat(ask(engine, "m", 1).join()).containsExactly(1);
    }
  }
}
