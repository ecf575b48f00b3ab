package org.etalon.engine.scheduling;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.etalon.engine.backend.Batch;
import org.etalon.inference.DataType;
import org.etalon.inference.Shape;
import org.etalon.inference.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Tensors that a model sees in another shape than requests do. */
class InsideShapeTest {
  /** Gives the inputs back in the order of the outputs, and insists on their shape. */
  private static void echo(Batch batch, Shape row, boolean isBatching) {
    for (int i = 0; i < batch.outputCount(); i++) {
      Tensor input = batch.inputs().get(i);
      assertThat(isBatching ? input.shape().withoutFirst() : input.shape()).isEqualTo(row);
      if (batch.isRequested(i)) {
        if (input.datatype() == DataType.BYTES) {
          batch.handOver(i, input, () -> {});
        } else {
          batch.allocate(i, input.datatype(), input.shape()).copyFrom(input.data());
        }
      }
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "[1] | [] | 1 | ",
        "[2, 3] | [6] | 2,3 | 6",
        "[6] | [3, 1, 2] | 6 | 3,1,2",
        "[2, 4, -1, 6] | [8, -1, 1, 6] | 2,4,5,6 | 8,5,1,6",
        "[-1, 2, -1] | [1, -1, 2, -1, 1] | 3,2,7 | 1,3,2,7,1",
      })
  void requestsSeeDimsAndTheModelReshape(
      String dims, String reshape, String outside, String inside) {
    Shape row = shape(outside);
    String tensors =
        "input { name: 'x' data_type: TYPE_FP32 dims: %s reshape { shape: %s } } input { name: 't' data_type: TYPE_STRING dims: %s reshape { shape: %s } } output { name: 'y' data_type: TYPE_FP32 dims: %s reshape { shape: %s } } output { name: 'u' data_type: TYPE_STRING dims: %s reshape { shape: %s } }"
            .formatted(dims, reshape, dims, reshape, dims, reshape, dims, reshape);
    for (int maxBatchSize : new int[] {0, 8}) {
      boolean isBatching = maxBatchSize > 0;
      Random random = new Random(maxBatchSize);
      try (BatchRig rig =
          new BatchRig(
              "max_batch_size: %d dynamic_batching { } %s".formatted(maxBatchSize, tensors),
              batch -> echo(batch, shape(inside), isBatching))) {
        List<Tensor> xs = new ArrayList<>();
        List<Tensor> texts = new ArrayList<>();
        for (int i = 0; i < 9; i++) {
          Shape shape = isBatching ? row.prepend(1 + random.nextInt(3)) : row;
          float[] values = new float[(int) shape.elementCount()];
          List<String> words = new ArrayList<>();
          for (int n = 0; n < values.length; n++) {
            values[n] = random.nextFloat();
            words.add("x".repeat(random.nextInt(5)));
          }
          xs.add(Tensor.of("x", shape, values));
          texts.add(Tensor.ofStrings("t", shape, words));
          rig.submit(xs.getLast(), texts.getLast());
        }
        List<List<Tensor>> answers = rig.run();
        for (int i = 0; i < xs.size(); i++) {
          same(answers.get(i).get(0), xs.get(i));
          same(answers.get(i).get(1), texts.get(i));
        }
      }
    }
  }

  private static void same(Tensor given, Tensor expected) {
    assertThat(given.shape()).isEqualTo(expected.shape());
    assertThat(given.data().mismatch(expected.data())).isEqualTo(-1);
  }

  private static Shape shape(String dims) {
    if (dims == null) {
      return Shape.of();
    }
    String[] texts = dims.split(",");
    long[] extents = new long[texts.length];
    for (int i = 0; i < extents.length; i++) {
      extents[i] = Long.parseLong(texts[i]);
    }
    return Shape.of(extents);
  }

  private static final String SHAPE_TENSORS =
      """
      max_batch_size: 8
      dynamic_batching { preferred_batch_size: 4 max_queue_delay_microseconds: 60000000 }
      input { name: 'x' data_type: TYPE_FP32 dims: [1] }
      input { name: 's' data_type: TYPE_INT32 dims: [2] is_shape_tensor: true }
      output { name: 'y' data_type: TYPE_FP32 dims: [1] }
      output { name: 'z' data_type: TYPE_INT64 dims: [2] is_shape_tensor: true }
      """;

  /** Adds the values of the shape tensor, and gives them back as 64-bit ones. */
  private static void shapes(Batch batch) {
    MemorySegment x = batch.inputs().get(0).data();
    MemorySegment s = batch.inputs().get(1).data();
    assertThat(s.get(Tensor.INT, 0)).isEqualTo(batch.rows());
    MemorySegment y = batch.allocate(0, DataType.FP32, Shape.of(batch.rows(), 1));
    for (long row = 0; row < batch.rows(); row++) {
      y.set(
          Tensor.FLOAT,
          4 * row,
          x.get(Tensor.FLOAT, 4 * row) + s.get(Tensor.INT, 4) + s.get(Tensor.INT, 8));
    }
    MemorySegment z = batch.allocate(1, DataType.INT64, Shape.of(3));
    for (long i = 0; i < 3; i++) {
      z.set(Tensor.LONG, 8 * i, s.get(Tensor.INT, 4 * i));
    }
  }

  @Test
  void requestsShareABatchIfTheirShapeTensorsSayTheSameButForTheBatch() {
    try (BatchRig rig = new BatchRig(SHAPE_TENSORS, InsideShapeTest::shapes)) {
      rig.submit(x(1), s(1, 4, 6));
      rig.submit(x(1), s(1, 4, 6));
      rig.submit(x(2), s(2, 4, 6));
      rig.submit(x(4), s(4, 4, 7));
      List<List<Tensor>> answers = rig.run();
      assertThat(answers.get(1).get(0).toFloats()).containsExactly(10);
      assertThat(answers.get(2).get(0).toFloats()).containsExactly(10, 11);
      assertThat(answers.get(3).get(0).toFloats()).containsExactly(11, 12, 13, 14);
      assertThat(answers.get(1).get(1).data().toArray(Tensor.LONG)).containsExactly(1, 4, 6);
      assertThat(answers.get(2).get(1).data().toArray(Tensor.LONG)).containsExactly(2, 4, 6);
      assertThat(rig.batches()).containsExactly(4, 4);
    }
  }

  @Test
  void refusesAShapeTensorWhoseBatchIsNotThatOfTheOtherInputs() {
    try (BatchRig rig = new BatchRig(SHAPE_TENSORS, InsideShapeTest::shapes)) {
      rig.submit(x(2), s(1, 4, 6));
      assertThatThrownBy(rig::run)
          .hasMessageContaining("input 's' batch size does not match other inputs for 'm'");
      rig.submit(x(1), new Tensor("s", DataType.INT32, Shape.of(1, 2), s(4, 6).data()));
      assertThatThrownBy(rig::run)
          .hasMessageContaining(
              "unexpected shape for input 's' for model 'm'. Expected [3], got [1,2].");
    }
  }

  private static Tensor x(int rows) {
    float[] values = new float[rows];
    for (int i = 0; i < rows; i++) {
      values[i] = i;
    }
    return Tensor.of("x", Shape.of(rows, 1), values);
  }

  private static Tensor s(int... values) {
    return new Tensor("s", DataType.INT32, Shape.of(values.length), MemorySegment.ofArray(values));
  }

  @Test
  void requestsWithAndWithoutAnOptionalInputDoNotShareABatch() {
    String config =
        """
        max_batch_size: 8
        dynamic_batching { preferred_batch_size: 3 max_queue_delay_microseconds: 60000000 }
        input { name: 'x' data_type: TYPE_FP32 dims: [1] }
        input { name: 'b' data_type: TYPE_FP32 dims: [1] optional: true }
        output { name: 'y' data_type: TYPE_FP32 dims: [1] }
        """;
    try (BatchRig rig =
        new BatchRig(
            config,
            batch -> {
              MemorySegment y = batch.allocate(0, DataType.FP32, Shape.of(batch.rows(), 1));
              for (long row = 0; row < batch.rows(); row++) {
                float sum = 100;
                for (Tensor input : batch.inputs()) {
                  sum += input.data().get(Tensor.FLOAT, 4 * row);
                }
                y.set(Tensor.FLOAT, 4 * row, sum);
              }
            })) {
      for (int i = 0; i < 8; i++) {
        Tensor x = Tensor.of("x", Shape.of(1, 1), new float[] {i});
        Tensor b = Tensor.of("b", Shape.of(1, 1), new float[] {1000});
        if (i < 3 || i == 4) {
          rig.submit(x);
        } else {
          rig.submit(x, b);
        }
      }
      List<List<Tensor>> answers = rig.run();
      for (int i = 0; i < 8; i++) {
        float expected = i < 3 || i == 4 ? 100 + i : 1100 + i;
        assertThat(answers.get(i).getFirst().toFloats()).containsExactly(expected);
      }
      assertThat(rig.batches()).containsExactly(3, 1, 1, 3);
    }
  }
}
