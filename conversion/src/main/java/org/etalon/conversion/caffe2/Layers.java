package org.etalon.conversion.caffe2;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.etalon.conversion.onnx.Attribute;
import org.etalon.conversion.onnx.ElementType;
import org.etalon.conversion.onnx.OnnxTensor;

/** Dense layers, normalisations, and what else has weights or knows of images. */
final class Layers {
  private Layers() {}

  /** {@code FC}: weights are (outputs, inputs), of {@code FCTransposed} (inputs, outputs). */
  static void dense(Step step) throws IOException {
    int rank = step.rank(0);
    int axis = step.axis("axis", 1, rank);
    boolean isTransposed = step.operator().type().equals("FCTransposed");
    String weights = matrix(step, 1, step.axis("axis_w", 1, step.rank(1)));
    if (axis == 1) {
      List<String> inputs = new ArrayList<>(List.of(matrix(step, 0, 1), weights));
      inputs.addAll(step.from(2));
      Attribute transposition = new Attribute.Whole("transB", isTransposed ? 0 : 1);
      step.out(step.node("Gemm", inputs, transposition), 2);
      return;
    }
    String columns = isTransposed ? weights : step.node("Transpose", List.of(weights));
    String product = step.node("MatMul", List.of(flatEnd(step, axis, rank), columns));
    step.out(
        step.inputs() > 2 ? step.node("Add", List.of(product, step.in(2))) : product, axis + 1);
  }

  private static String matrix(Step step, int input, int axis) throws IOException {
    return step.rank(input) == 2 && axis == 1
        ? step.in(input)
        : step.node("Flatten", List.of(step.in(input)), new Attribute.Whole("axis", axis));
  }

  /** With all axes from {@code axis} on as one. */
  private static String flatEnd(Step step, int axis, int rank) throws IOException {
    if (axis == rank - 1) {
      return step.in(0);
    }
    List<Long> shape = new ArrayList<>(Collections.nCopies(axis, 0L));
    shape.add(-1L);
    return step.node("Reshape", List.of(step.in(0), step.row(shape.toArray(Long[]::new))));
  }

  static void batchNormalisation(Step step) throws IOException {
    requireTest(step);
    step.image(
        "BatchNormalization",
        step.from(1),
        new Attribute.Real("epsilon", step.real("epsilon", 1e-5f)));
  }

  static void instanceNormalisation(Step step) throws IOException {
    step.image(
        "InstanceNormalization",
        step.from(1),
        new Attribute.Real("epsilon", step.real("epsilon", 1e-5f)));
  }

  static void localResponse(Step step) throws IOException {
    if (step.whole("size", 0) < 1) {
      throw step.refuse("size: %d (expected: 1 or more)".formatted(step.whole("size", 0)));
    }
    step.image(
        "LRN",
        List.of(),
        new Attribute.Whole("size", step.whole("size", 0)),
        new Attribute.Real("alpha", step.real("alpha", 0)),
        new Attribute.Real("beta", step.real("beta", 0)),
        new Attribute.Real("bias", step.real("bias", 1)));
  }

  /** Slopes are one for all, or one a channel. */
  static void parametricRelu(Step step) throws IOException {
    int rank = step.rank(0);
    String slope = step.in(1);
    if (step.rank(1) == 1 && rank > 2 && !step.isChannelsLast()) {
      slope =
          step.node(
              "Reshape", List.of(slope, step.row(columnShape(rank - 1).toArray(Long[]::new))));
    }
    step.out(step.node("PRelu", List.of(step.in(0), slope)), rank);
  }

  private static List<Long> columnShape(int rank) {
    List<Long> shape = new ArrayList<>(Collections.nCopies(rank, 1L));
    shape.set(0, -1L);
    return shape;
  }

  static void dropout(Step step) throws IOException {
    requireTest(step);
    step.bind(0, step.value(0));
  }

  /** These do something else while a network is trained, which Caffe2 takes for the usual case. */
  private static void requireTest(Step step) throws IOException {
    if (!step.isSet("is_test", false)) {
      throw step.refuse(
          "is_test is 0: a network in training (expected: is_test 1; export it for inference)");
    }
  }

  static void resizeNearest(Step step) throws IOException {
    float height = step.real("height_scale", 1);
    float width = step.real("width_scale", 1);
    String region = step.constant(OnnxTensor.of(List.of(0L), new float[0]));
    String scales = step.constant(OnnxTensor.of(List.of(4L), new float[] {1, 1, height, width}));
    step.image(
        "Resize",
        List.of(region, scales),
        new Attribute.Text("mode", "nearest"),
        new Attribute.Text("coordinate_transformation_mode", "asymmetric"),
        new Attribute.Text("nearest_mode", "floor"));
  }

  static void matrixProduct(Step step) throws IOException {
    String left = matrix(step, 0, step.axis("axis_a", 1, step.rank(0)));
    String right = matrix(step, 1, step.axis("axis_b", 1, step.rank(1)));
    String product =
        step.node(
            "Gemm",
            List.of(left, right),
            new Attribute.Whole("transA", step.whole("trans_a", 0)),
            new Attribute.Whole("transB", step.whole("trans_b", 0)));
    step.out(product, 2);
  }

  static void batchProduct(Step step) throws IOException {
    String left = lastTransposed(step, 0, "trans_a");
    String right = lastTransposed(step, 1, "trans_b");
    int rank = Math.max(step.rank(0), step.rank(1));
    boolean isVector = step.rank(0) == 1 || step.rank(1) == 1;
    step.out(step.node("MatMul", List.of(left, right)), isVector ? rank - 1 : rank);
  }

  private static String lastTransposed(Step step, int input, String argument) throws IOException {
    int rank = step.rank(input);
    if (!step.isSet(argument, false) || rank < 2) {
      return step.in(input);
    }
    List<Long> order = new ArrayList<>();
    for (long i = 0; i < rank - 2; i++) {
      order.add(i);
    }
    order.addAll(List.of(rank - 1L, rank - 2L));
    return step.node("Transpose", List.of(step.in(input)), new Attribute.Wholes("perm", order));
  }

  /** Softmax over all axes from one on together, as version 12 of ONNX's has it too. */
  static Rule softmax(String type) {
    return step ->
        step.out(
            step.node(
                type,
                List.of(step.in(0)),
                new Attribute.Whole("axis", step.axis("axis", 1, step.rank(0)))),
            step.rank(0));
  }

  static void shape(Step step) throws IOException {
    step.out(0, step.node("Shape", List.of(step.in(0))), ElementType.INT64, 1);
  }
}
