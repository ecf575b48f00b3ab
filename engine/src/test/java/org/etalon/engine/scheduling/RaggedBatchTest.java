package org.etalon.engine.scheduling;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.ConcurrentHashMap;
import org.etalon.engine.backend.Batch;
import org.etalon.inference.BytesElements;
import org.etalon.inference.DataType;
import org.etalon.inference.InferenceRequest;
import org.etalon.inference.ModelId;
import org.etalon.inference.RequestedOutput;
import org.etalon.inference.Shape;
import org.etalon.inference.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RaggedBatchTest {
  /** Doubles x, repeats the texts of t, and sums the rows of x, of which item_shape tells. */
  private static final String CONFIG =
      """
      max_batch_size: 64
      dynamic_batching { }
      input { name: 'x' data_type: TYPE_FP32 dims: [-1] allow_ragged_batch: true }
      input { name: 't' data_type: TYPE_STRING dims: [-1] allow_ragged_batch: true }
      output { name: 'twice' data_type: TYPE_FP32 dims: [-1] }
      output { name: 'sum' data_type: TYPE_FP32 dims: [1] }
      output { name: 'texts' data_type: TYPE_STRING dims: [-1] }
      batch_input { kind: BATCH_ITEM_SHAPE target_name: 'item_shape' data_type: TYPE_INT32 source_input: 'x' }
      batch_output { target_name: 'twice' kind: BATCH_SCATTER_WITH_INPUT_SHAPE source_input: 'x' }
      batch_output { target_name: 'texts' source_input: 't' }
      """;

  private static void execute(Batch batch) {
    Tensor x = batch.inputs().get(0);
    Tensor t = batch.inputs().get(1);
    Tensor items = batch.inputs().get(2);
    assertThat(x.shape().rank()).isEqualTo(1);
    if (batch.isRequested(0)) {
      MemorySegment twice = batch.allocate(0, DataType.FP32, x.shape());
      for (long i = 0; i < x.shape().elementCount(); i++) {
        twice.set(Tensor.FLOAT, 4 * i, 2 * x.data().get(Tensor.FLOAT, 4 * i));
      }
    }
    if (batch.isRequested(1)) {
      MemorySegment sums = batch.allocate(1, DataType.FP32, Shape.of(batch.rows(), 1));
      long at = 0;
      for (int row = 0; row < batch.rows(); row++) {
        float sum = 0;
        for (int i = items.data().get(Tensor.INT, 4L * row); i > 0; i--) {
          sum += x.data().get(Tensor.FLOAT, 4 * at++);
        }
        sums.set(Tensor.FLOAT, 4L * row, sum);
      }
    }
    if (batch.isRequested(2)) {
      batch.handOver(2, t, () -> {});
    }
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
  void everyRequestOfABatchGetsWhatItWouldGetAlone(long seed) {
    Random random = new Random(seed);
    List<Tensor> xs = new ArrayList<>();
    List<Tensor> texts = new ArrayList<>();
    for (int i = 0; i < 20; i++) {
      int rows = 1 + random.nextInt(3);
      int width = random.nextInt(5);
      float[] values = new float[rows * width];
      List<String> words = new ArrayList<>();
      for (int n = 0; n < values.length; n++) {
        values[n] = random.nextInt(1000);
        words.add("w".repeat(random.nextInt(4)) + n);
      }
      xs.add(Tensor.of("x", Shape.of(rows, width), values));
      texts.add(Tensor.ofStrings("t", Shape.of(rows, width), words));
    }
    try (BatchRig rig = new BatchRig(CONFIG, RaggedBatchTest::execute)) {
      for (int i = 0; i < xs.size(); i++) {
        rig.submit(xs.get(i), texts.get(i));
      }
      List<List<Tensor>> answers = rig.run();
      for (int i = 0; i < xs.size(); i++) {
        check(xs.get(i), texts.get(i), answers.get(i));
      }
      assertThat(rig.batches().size()).isLessThan(xs.size());
    }
  }

  private static void check(Tensor x, Tensor text, List<Tensor> answer) {
    float[] values = x.toFloats();
    assertThat(answer.get(0).shape()).isEqualTo(x.shape());
    int width = (int) x.shape().dim(1);
    float[] twice = new float[values.length];
    float[] sums = new float[(int) x.shape().dim(0)];
    for (int i = 0; i < values.length; i++) {
      twice[i] = 2 * values[i];
      sums[i / width] += values[i];
    }
    assertThat(answer.get(0).toFloats()).containsExactly(twice);
    assertThat(answer.get(1).toFloats()).containsExactly(sums);
    assertThat(answer.get(2).shape()).isEqualTo(text.shape());
    assertThat(BytesElements.decode(answer.get(2).data()))
        .containsExactlyElementsOf(BytesElements.decode(text.data()));
  }

  @Test
  void aRequestThatAsksForLessShiftsNobodyElsesPart() {
    try (BatchRig rig = new BatchRig(CONFIG, RaggedBatchTest::execute)) {
      for (int i = 1; i <= 4; i++) {
        Tensor x = Tensor.of("x", Shape.of(1, i), new float[i]);
        x.data().set(Tensor.FLOAT, 0, i);
        InferenceRequest.Builder request =
            InferenceRequest.to(ModelId.of("m"))
                .input(x)
                .input(Tensor.ofStrings("t", Shape.of(1, 1), List.of("t" + i)));
        request.output(RequestedOutput.of(i % 2 == 0 ? "twice" : "texts"));
        rig.submit(request.build());
      }
      List<List<Tensor>> answers = rig.run();
      assertThat(answers.get(1).getFirst().toFloats()).containsExactly(4, 0);
      assertThat(answers.get(3).getFirst().toFloats()).containsExactly(8, 0, 0, 0);
      assertThat(BytesElements.decode(answers.get(2).getFirst().data()))
          .containsExactly("t3".getBytes(StandardCharsets.UTF_8));
    }
  }

  @Test
  void tellsTheModelOfItsBatchInEveryKindOfBatchInput() {
    Map<String, Tensor> seen = new ConcurrentHashMap<>();
    StringBuilder config =
        new StringBuilder(
            "max_batch_size: 8 dynamic_batching { preferred_batch_size: 3 max_queue_delay_microseconds: 60000000 }"
                + " input { name: 'x' data_type: TYPE_FP32 dims: [-1, -1] allow_ragged_batch: true }"
                + " output { name: 'y' data_type: TYPE_FP32 dims: [1] }");
    for (String kind :
        List.of(
            "BATCH_ELEMENT_COUNT",
            "BATCH_ACCUMULATED_ELEMENT_COUNT",
            "BATCH_ACCUMULATED_ELEMENT_COUNT_WITH_ZERO",
            "BATCH_MAX_ELEMENT_COUNT_AS_SHAPE",
            "BATCH_ITEM_SHAPE",
            "BATCH_ITEM_SHAPE_FLATTEN")) {
      config.append(
          " batch_input { kind: %s target_name: '%s' data_type: %s source_input: 'x' }"
              .formatted(kind, kind, kind.endsWith("COUNT") ? "TYPE_FP32" : "TYPE_INT32"));
    }
    try (BatchRig rig =
        new BatchRig(
            config.toString(),
            batch -> {
              batch.inputs().forEach(tensor -> seen.put(tensor.name(), tensor.copy()));
              batch.allocate(0, DataType.FP32, Shape.of(batch.rows(), 1)).fill((byte) 0);
            })) {
      rig.submit(Tensor.of("x", Shape.of(2, 3, 1), new float[] {1, 2, 3, 4, 5, 6}));
      rig.submit(Tensor.of("x", Shape.of(1, 2, 2), new float[] {7, 8, 9, 10}));
      rig.run();
      assertThat(rig.batches()).containsExactly(3);
    }
    assertThat(Objects.requireNonNull(seen.get("x")).toFloats())
        .containsExactly(1, 2, 3, 4, 5, 6, 7, 8, 9, 10);
    assertThat(Objects.requireNonNull(seen.get("BATCH_ELEMENT_COUNT")).toFloats())
        .containsExactly(6, 4);
    assertThat(Objects.requireNonNull(seen.get("BATCH_ACCUMULATED_ELEMENT_COUNT")).toFloats())
        .containsExactly(6, 10);
    assertThat(ints(Objects.requireNonNull(seen.get("BATCH_ACCUMULATED_ELEMENT_COUNT_WITH_ZERO"))))
        .containsExactly(0, 6, 10);
    assertThat(Objects.requireNonNull(seen.get("BATCH_MAX_ELEMENT_COUNT_AS_SHAPE")).shape())
        .isEqualTo(Shape.of(6));
    assertThat(Objects.requireNonNull(seen.get("BATCH_ITEM_SHAPE")).shape())
        .isEqualTo(Shape.of(3, 2));
    assertThat(ints(Objects.requireNonNull(seen.get("BATCH_ITEM_SHAPE"))))
        .containsExactly(3, 1, 3, 1, 2, 2);
    assertThat(Objects.requireNonNull(seen.get("BATCH_ITEM_SHAPE_FLATTEN")).shape())
        .isEqualTo(Shape.of(6));
    assertThat(ints(Objects.requireNonNull(seen.get("BATCH_ITEM_SHAPE_FLATTEN"))))
        .containsExactly(3, 1, 3, 1, 2, 2);
  }

  private static int[] ints(Tensor tensor) {
    return tensor.data().toArray(Tensor.INT);
  }
}
