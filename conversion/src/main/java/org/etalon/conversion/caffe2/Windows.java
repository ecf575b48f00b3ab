package org.etalon.conversion.caffe2;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.etalon.conversion.onnx.Attribute;

/** Operators that slide a window over an image: convolutions and pools. */
final class Windows {
  /** Values of {@code legacy_pad} in {@code caffe2_legacy.proto}. */
  private static final int GIVEN = 0;

  private static final int VALID = 1;
  private static final int SAME = 2;
  private static final int CAFFE_POOL = 3;

  private Windows() {}

  static void convolution(Step step) throws IOException {
    List<Attribute> attributes = window(step);
    attributes.add(dilations(step));
    attributes.add(new Attribute.Whole("group", step.whole("group", 1)));
    run(step, "Conv", attributes);
  }

  static void transposedConvolution(Step step) throws IOException {
    if (step.whole("legacy_pad", GIVEN) != GIVEN) {
      throw step.refuse("legacy_pad (expected: none)");
    }
    List<Attribute> attributes = window(step);
    attributes.add(new Attribute.Whole("group", step.whole("group", 1)));
    attributes.add(new Attribute.Wholes("output_padding", extents(step, "adj", 0)));
    run(step, "ConvTranspose", attributes);
  }

  private static void run(Step step, String type, List<Attribute> attributes) throws IOException {
    int rank = step.rank(0);
    List<String> others = step.from(1);
    if (step.isChannelsLast()) {
      others.set(0, step.channelsFirst(others.getFirst(), rank));
    }
    step.image(type, others, attributes.toArray(Attribute[]::new));
  }

  static void maxPool(Step step) throws IOException {
    if (step.isSet("global_pooling", false)) {
      step.image("GlobalMaxPool", List.of());
      return;
    }
    List<Attribute> attributes = window(step);
    attributes.add(dilations(step));
    step.image("MaxPool", List.of(), attributes.toArray(Attribute[]::new));
  }

  static void averagePool(Step step) throws IOException {
    if (step.isSet("global_pooling", false)) {
      step.image("GlobalAveragePool", List.of());
      return;
    }
    if (extents(step, "dilation", 1).stream().anyMatch(dilation -> dilation != 1)) {
      throw step.refuse("dilation (expected: 1)");
    }
    List<Attribute> attributes = window(step);
    attributes.add(new Attribute.Whole("count_include_pad", step.whole("count_include_pad", 0)));
    step.image("AveragePool", List.of(), attributes.toArray(Attribute[]::new));
  }

  /** {@code kernel_shape}, {@code strides} and what is added at the borders. */
  private static List<Attribute> window(Step step) throws IOException {
    List<Long> strides = extents(step, "stride", 1);
    List<Long> kernel = extents(step, "kernel", 0);
    if (kernel.contains(0L)) {
      throw step.refuse("has no kernel (expected: kernel, kernels, or kernel_h and kernel_w)");
    }
    List<Attribute> attributes = new ArrayList<>();
    attributes.add(new Attribute.Wholes("kernel_shape", kernel));
    attributes.add(new Attribute.Wholes("strides", strides));
    attributes.addAll(borders(step, strides));
    return attributes;
  }

  private static List<Attribute> borders(Step step, List<Long> strides) throws IOException {
    List<Long> pads = pads(step);
    Attribute given = new Attribute.Wholes("pads", pads);
    return switch (Math.toIntExact(step.whole("legacy_pad", GIVEN))) {
      case GIVEN -> List.of(given);
      case VALID -> List.of();
      case SAME -> {
        if (extents(step, "dilation", 1).stream().anyMatch(dilation -> dilation != 1)) {
          throw step.refuse("legacy_pad SAME with dilation (expected: dilation 1)");
        }
        yield List.of(new Attribute.Text("auto_pad", "SAME_UPPER"));
      }
      case CAFFE_POOL -> caffePool(step, strides, pads, given);
      default ->
          throw step.refuse(
              "legacy_pad: %d (expected: 0 to 3)".formatted(step.whole("legacy_pad", 0)));
    };
  }

  /** Caffe counts a window that is not whole, which ONNX does alike only where nothing is added. */
  private static List<Attribute> caffePool(
      Step step, List<Long> strides, List<Long> pads, Attribute given) throws IOException {
    if (strides.stream().allMatch(stride -> stride == 1)) {
      return List.of(given);
    }
    if (pads.stream().anyMatch(pad -> pad != 0)) {
      throw step.refuse("legacy_pad CAFFE_LEGACY_POOLING with pads " + pads + " (expected: 0)");
    }
    return List.of(new Attribute.Whole("ceil_mode", 1));
  }

  private static Attribute dilations(Step step) throws IOException {
    return new Attribute.Wholes("dilations", extents(step, "dilation", 1));
  }

  /** How many axes a window has. */
  private static int axes(Step step) throws IOException {
    int axes = step.rank(0) - 2;
    if (axes < 1) {
      throw step.refuse(
          "its input has %d dimensions (expected: batch, channels and at least one more)"
              .formatted(axes + 2));
    }
    return axes;
  }

  /** A number for each axis of the window: one for all, one each, or by height and width. */
  private static List<Long> extents(Step step, String name, long otherwise) throws IOException {
    int axes = axes(step);
    if (step.has(name + "s")) {
      return counted(step, name + "s", step.wholes(name + "s"), axes);
    }
    if (step.has(name + "_h") || step.has(name + "_w")) {
      List<Long> both =
          List.of(step.whole(name + "_h", otherwise), step.whole(name + "_w", otherwise));
      return counted(step, name + "_h, " + name + "_w", both, axes);
    }
    return Collections.nCopies(axes, step.whole(name, otherwise));
  }

  /** Before each axis, then behind each. */
  private static List<Long> pads(Step step) throws IOException {
    int axes = axes(step);
    if (step.has("pads")) {
      return counted(step, "pads", step.wholes("pads"), 2 * axes);
    }
    if (step.has("pad")) {
      return Collections.nCopies(2 * axes, step.whole("pad", 0));
    }
    if (step.has("pad_t") || step.has("pad_l") || step.has("pad_b") || step.has("pad_r")) {
      List<Long> sides = sides(step);
      return counted(step, "pad_t, pad_l, pad_b, pad_r", sides, 2 * axes);
    }
    return Collections.nCopies(2 * axes, 0L);
  }

  private static List<Long> sides(Step step) {
    return List.of(
        step.whole("pad_t", 0),
        step.whole("pad_l", 0),
        step.whole("pad_b", 0),
        step.whole("pad_r", 0));
  }

  private static List<Long> counted(Step step, String name, List<Long> values, int expected)
      throws IOException {
    if (values.size() != expected) {
      throw step.refuse(
          "%s: %s (expected: %d numbers, as its input has %d dimensions)"
              .formatted(name, values, expected, step.rank(0)));
    }
    return values;
  }

  /** {@code PadImage}. */
  static void padImage(Step step) throws IOException {
    List<Long> pads = pads(step);
    if (pads.size() != 4) {
      throw step.refuse("its input has %d dimensions (expected: 4)".formatted(step.rank(0)));
    }
    List<Long> all = new ArrayList<>(List.of(0L, 0L));
    all.addAll(pads.subList(0, 2));
    all.addAll(List.of(0L, 0L));
    all.addAll(pads.subList(2, 4));
    String mode = step.text("mode", "constant");
    if (!List.of("constant", "reflect", "edge").contains(mode)) {
      throw step.refuse("mode: '%s' (expected: constant, reflect, edge)".formatted(mode));
    }
    List<String> others = new ArrayList<>(List.of(step.row(all.toArray(Long[]::new))));
    if (mode.equals("constant")) {
      others.add(step.scalar(step.real("value", 0)));
    }
    step.image("Pad", others, new Attribute.Text("mode", mode));
  }
}
