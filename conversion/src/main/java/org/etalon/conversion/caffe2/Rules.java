package org.etalon.conversion.caffe2;

import java.util.List;
import java.util.NavigableMap;
import java.util.TreeMap;
import org.etalon.conversion.onnx.Attribute.Real;
import org.etalon.conversion.onnx.ElementType;

/** The operators that can be written in ONNX. */
final class Rules {
  static final NavigableMap<String, Rule> ALL = all();

  private Rules() {}

  private static NavigableMap<String, Rule> all() {
    NavigableMap<String, Rule> rules = new TreeMap<>();
    windows(rules);
    layers(rules);
    arithmetic(rules);
    shapes(rules);
    fillers(rules);
    rules.put("RecurrentNetwork", Recurrence::network);
    rules.put("LSTMUnit", Recurrence::lstm);
    rules.put("GRUUnit", Recurrence::gru);
    return java.util.Collections.unmodifiableNavigableMap(rules);
  }

  private static void windows(NavigableMap<String, Rule> rules) {
    for (String ending : List.of("", "1D", "2D", "3D")) {
      rules.put("Conv" + ending, Windows::convolution);
      rules.put("MaxPool" + ending, Windows::maxPool);
      rules.put("AveragePool" + ending, Windows::averagePool);
    }
    rules.put("ConvTranspose", Windows::transposedConvolution);
    rules.put("PadImage", Windows::padImage);
  }

  private static void layers(NavigableMap<String, Rule> rules) {
    rules.put("FC", Layers::dense);
    rules.put("FCTransposed", Layers::dense);
    rules.put("SpatialBN", Layers::batchNormalisation);
    rules.put("InstanceNorm", Layers::instanceNormalisation);
    rules.put("LRN", Layers::localResponse);
    rules.put("PRelu", Layers::parametricRelu);
    rules.put("Dropout", Layers::dropout);
    rules.put("ResizeNearest", Layers::resizeNearest);
    rules.put("MatMul", Layers::matrixProduct);
    rules.put("BatchMatMul", Layers::batchProduct);
    rules.put("Softmax", Layers.softmax("Softmax"));
    rules.put("LogSoftmax", Layers.softmax("LogSoftmax"));
    rules.put("Shape", Layers::shape);
  }

  private static void arithmetic(NavigableMap<String, Rule> rules) {
    for (String same :
        List.of(
            "Relu",
            "Sigmoid",
            "Tanh",
            "Exp",
            "Log",
            "Sqrt",
            "Abs",
            "Sin",
            "Cos",
            "Floor",
            "Ceil",
            "Softplus",
            "Softsign")) {
      rules.put(same, Arithmetic.plain(same));
    }
    rules.put("Negative", Arithmetic.plain("Neg"));
    rules.put("LeakyRelu", Arithmetic.plain("LeakyRelu", new Real("alpha", 0.01f)));
    rules.put("Elu", Arithmetic.plain("Elu", new Real("alpha", 1)));
    rules.put(
        "Selu",
        step -> {
          float alpha = step.real("alpha", 1.6732632f);
          float scale = step.real("scale", 1.050701f);
          step.out(
              step.node(
                  "Selu", List.of(step.in(0)), new Real("alpha", alpha), new Real("gamma", scale)),
              step.rank(0));
        });
    rules.put("Sqr", Arithmetic::square);
    rules.put("Rsqrt", Arithmetic::inverseRoot);
    rules.put("Swish", Arithmetic::swish);
    rules.put("Pow", Arithmetic::power);
    rules.put("Scale", Arithmetic::scale);
    rules.put("Clip", Arithmetic::clip);
    rules.put("Cast", Arithmetic::cast);
    for (String pair : List.of("Add", "Sub", "Mul", "Div")) {
      rules.put(pair, Arithmetic.pair(pair));
    }
    for (String many : List.of("Sum", "Max", "Min", "Mean")) {
      rules.put(many, Arithmetic.all(many));
    }
    for (String kind : List.of("Sum", "Mean", "Max", "Min")) {
      rules.put("Reduce" + kind, Arithmetic.reduce("Reduce" + kind));
    }
    rules.put("ReduceL1", Arithmetic.reduce("ReduceL1"));
    rules.put("ReduceL2", Arithmetic.reduce("ReduceL2"));
    for (String kind : List.of("Sum", "Mean", "Max")) {
      rules.put("ReduceFront" + kind, Arithmetic.reduceEnd("Reduce" + kind, true));
      rules.put("ReduceBack" + kind, Arithmetic.reduceEnd("Reduce" + kind, false));
    }
  }

  private static void shapes(NavigableMap<String, Rule> rules) {
    for (String same : List.of("Copy", "Alias", "StopGradient", "EnsureCPUOutput", "NanCheck")) {
      rules.put(same, Shapes::same);
    }
    rules.put("Concat", Shapes::concat);
    rules.put("DepthConcat", Shapes::concat);
    rules.put("Split", Shapes::split);
    rules.put("DepthSplit", Shapes::split);
    rules.put("Reshape", Shapes::reshape);
    rules.put("Flatten", Shapes::flatten);
    rules.put("FlattenToVec", Shapes::flattenToVector);
    rules.put("Transpose", Shapes::transpose);
    rules.put("NCHW2NHWC", Shapes::toChannelsLast);
    rules.put("NHWC2NCHW", Shapes::toChannelsFirst);
    rules.put("Squeeze", Shapes::squeeze);
    rules.put("ExpandDims", Shapes::expand);
    rules.put("Slice", Shapes::slice);
    rules.put("Gather", Shapes::gather);
  }

  private static void fillers(NavigableMap<String, Rule> rules) {
    rules.put("GivenTensorFill", Fillers.given(ElementType.FP32));
    rules.put("GivenTensorDoubleFill", Fillers.given(ElementType.FP64));
    rules.put("GivenTensorIntFill", Fillers.given(ElementType.INT32));
    rules.put("GivenTensorInt64Fill", Fillers.given(ElementType.INT64));
    rules.put("GivenTensorBoolFill", Fillers.given(ElementType.BOOL));
    rules.put("ConstantFill", Fillers::constant);
    for (String random :
        List.of("GaussianFill", "MSRAFill", "UniformFill", "UniformIntFill", "XavierFill")) {
      rules.put(
          random,
          step -> {
            throw step.refuse(
                "draws its values at random (expected: trained weights, as GivenTensorFill)");
          });
    }
  }
}
