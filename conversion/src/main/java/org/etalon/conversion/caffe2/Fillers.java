package org.etalon.conversion.caffe2;

import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import org.etalon.conversion.caffe2.NetDef.Argument;
import org.etalon.conversion.onnx.Attribute;
import org.etalon.conversion.onnx.ElementType;
import org.etalon.conversion.onnx.OnnxTensor;

/** Operators that say what a blob holds: those of {@code init_net}, mostly. */
final class Fillers {
  /** More elements than this fit no array. */
  private static final long MAX_ELEMENTS = 1L << 29;

  private Fillers() {}

  static Rule given(ElementType type) {
    return step -> {
      List<Long> shape = shape(step);
      Argument values =
          step.operator().argument("values").orElseThrow(() -> step.refuse("has no values"));
      int given = type == ElementType.FP32 ? values.floats().length : values.wholes().length;
      if (type == ElementType.FP64) {
        given = values.floats().length;
      }
      if (given != count(step, shape)) {
        throw step.refuse(
            "%d values for shape %s (expected: %d)".formatted(given, shape, count(step, shape)));
      }
      step.outConstant(tensor(shape, type, values));
    };
  }

  private static OnnxTensor tensor(List<Long> shape, ElementType type, Argument values) {
    return switch (type) {
      case FP32 -> OnnxTensor.of(shape, values.floats());
      case FP64 -> {
        double[] doubles = new double[values.floats().length];
        Arrays.setAll(doubles, i -> values.floats()[i]);
        yield OnnxTensor.of(shape, doubles);
      }
      case INT32 ->
          OnnxTensor.of(
              shape, Arrays.stream(values.wholes()).mapToInt(each -> (int) each).toArray());
      case INT64 -> OnnxTensor.of(shape, values.wholes());
      case BOOL -> {
        boolean[] truths = new boolean[values.wholes().length];
        for (int i = 0; i < truths.length; i++) {
          truths[i] = values.wholes()[i] != 0;
        }
        yield OnnxTensor.of(shape, truths);
      }
      case UINT8, INT8 -> throw new IllegalStateException("no filler of type " + type);
    };
  }

  /** One value everywhere; with an input, in that one's shape. */
  static void constant(Step step) throws IOException {
    ElementType type = step.has("dtype") ? type(step, "dtype") : typeOfValue(step);
    if (step.inputs() == 0) {
      step.outConstant(filled(step, type, shape(step)));
      return;
    }
    if (step.isSet("input_as_shape", false)) {
      step.outConstant(filled(step, type, step.wholesOf(0)));
      return;
    }
    if (step.has("extra_shape")) {
      throw step.refuse("extra_shape (expected: none)");
    }
    String shape = step.node("Shape", List.of(step.in(0)));
    Attribute value = new Attribute.Constant("value", filled(step, type, List.of(1L)));
    step.out(0, step.node("ConstantOfShape", List.of(shape), value), type, step.rank(0));
  }

  private static ElementType typeOfValue(Step step) {
    boolean isWhole = step.operator().argument("value").flatMap(Argument::whole).isPresent();
    return isWhole ? ElementType.INT32 : ElementType.FP32;
  }

  private static OnnxTensor filled(Step step, ElementType type, List<Long> shape)
      throws IOException {
    int count = Math.toIntExact(count(step, shape));
    return switch (type) {
      case FP32 -> {
        float[] values = new float[count];
        Arrays.fill(values, step.real("value", 0));
        yield OnnxTensor.of(shape, values);
      }
      case INT32 -> {
        int[] values = new int[count];
        Arrays.fill(values, (int) step.whole("value", 0));
        yield OnnxTensor.of(shape, values);
      }
      case INT64 -> {
        long[] values = new long[count];
        Arrays.fill(values, step.whole("value", 0));
        yield OnnxTensor.of(shape, values);
      }
      case BOOL -> {
        boolean[] values = new boolean[count];
        Arrays.fill(values, step.whole("value", 0) != 0);
        yield OnnxTensor.of(shape, values);
      }
      case FP64, UINT8, INT8 ->
          throw step.refuse("dtype: %s (expected: FP32, INT32, INT64, BOOL)".formatted(type));
    };
  }

  /** Numbers of {@code TensorProto.DataType} in {@code caffe2.proto}. */
  static ElementType type(Step step, String argument) throws IOException {
    String word = step.text(argument, "").toLowerCase(java.util.Locale.ROOT);
    long number = step.whole(argument, word.isEmpty() ? 1 : 0);
    if (number == 1 || word.equals("float")) {
      return ElementType.FP32;
    } else if (number == 2 || word.equals("int32") || word.equals("int")) {
      return ElementType.INT32;
    } else if (number == 5 || word.equals("bool")) {
      return ElementType.BOOL;
    } else if (number == 6 || word.equals("uint8")) {
      return ElementType.UINT8;
    } else if (number == 7 || word.equals("int8")) {
      return ElementType.INT8;
    } else if (number == 10 || word.equals("int64")) {
      return ElementType.INT64;
    } else if (number == 13 || word.equals("double")) {
      return ElementType.FP64;
    }
    throw step.refuse(
        "%s: %s (expected: float, int32, bool, uint8, int8, int64, double)"
            .formatted(argument, word.isEmpty() ? number : word));
  }

  private static List<Long> shape(Step step) {
    return step.wholes("shape");
  }

  private static long count(Step step, List<Long> shape) throws IOException {
    long count = 1;
    for (long extent : shape) {
      if (extent < 0 || (extent > 0 && count > MAX_ELEMENTS / extent)) {
        throw step.refuse("shape: %s (expected: at most 2^29 elements)".formatted(shape));
      }
      count *= extent;
    }
    return count;
  }
}
