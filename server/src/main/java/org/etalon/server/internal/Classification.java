package org.etalon.server.internal;

import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;
import org.etalon.inference.DataType;
import org.etalon.inference.ServingException;
import org.etalon.inference.Shape;
import org.etalon.inference.Tensor;

/** Turns scores into the classes that have the highest of them. */
final class Classification {
  private static final ValueLayout.OfShort SHORT =
      ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfInt INT =
      ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfLong LONG =
      ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  /** More elements than any client reads, and few enough to keep the answer's size in bounds. */
  private static final int MAX_ELEMENTS = 1_000_000;

  private Classification() {}

  /**
   * The classes of each row, the highest score first, as {@code value:index[:label]}.
   *
   * @param scores one row a batch element where {@code isBatching}, else one row
   * @param count how many classes; cut to what there are
   * @param labels by index, possibly fewer than classes
   * @return BYTES of shape {@code (rows, count)}, or {@code (count)}
   * @throws ServingException INVALID_ARGUMENT if the scores are no numbers, or too many are asked
   *     for
   */
  static Tensor of(Tensor scores, int count, boolean isBatching, List<String> labels) {
    if (scores.datatype() == DataType.BYTES) {
      throw ServingException.invalid(
          "class result not available for output due to unsupported type 'BYTES'");
    }
    boolean hasRows = isBatching && scores.shape().rank() > 0;
    int rows = hasRows ? Math.toIntExact(scores.shape().dim(0)) : 1;
    long elements = scores.shape().elementCount();
    int classes = rows == 0 ? 0 : Math.toIntExact(elements / rows);
    int kept = Math.min(count, classes);
    if ((long) rows * kept > MAX_ELEMENTS) {
      throw ServingException.invalid(
          "classification output tensor too large: output '%s' takes %d elements (expected: at most %d)"
              .formatted(scores.name(), (long) rows * kept, MAX_ELEMENTS));
    }
    List<String> texts = new ArrayList<>(rows * kept);
    for (int row = 0; row < rows; row++) {
      addRow(scores, row * classes, classes, kept, labels, texts);
    }
    Shape shape = hasRows ? Shape.of(rows, kept) : Shape.of(kept);
    return Tensor.ofStrings(scores.name(), shape, texts);
  }

  private static void addRow(
      Tensor scores, int first, int classes, int kept, List<String> labels, List<String> texts) {
    Comparator<Integer> highestFirst =
        (left, right) -> compare(scores, first + right, first + left);
    IntStream.range(0, classes)
        .boxed()
        .sorted(highestFirst)
        .limit(kept)
        .forEach(index -> {
          String label = index < labels.size() ? labels.get(index) : "";
          texts.add(
              text(scores, first + index) + ":" + index + (label.isEmpty() ? "" : ":" + label));
        });
  }

  private static int compare(Tensor scores, int left, int right) {
    return switch (scores.datatype()) {
      case UINT64 -> Long.compareUnsigned(integer(scores, left), integer(scores, right));
      case BOOL, UINT8, UINT16, UINT32, INT8, INT16, INT32, INT64 ->
          Long.compare(integer(scores, left), integer(scores, right));
      case FP16, BF16, FP32, FP64 -> Double.compare(real(scores, left), real(scores, right));
      case BYTES -> 0;
    };
  }

  private static String text(Tensor scores, int index) {
    return switch (scores.datatype()) {
      case UINT64 -> Long.toUnsignedString(integer(scores, index));
      case BOOL, UINT8, UINT16, UINT32, INT8, INT16, INT32, INT64 ->
          Long.toString(integer(scores, index));
      case FP16, BF16, FP32, FP64 -> String.format(Locale.ROOT, "%.6f", real(scores, index));
      case BYTES -> "";
    };
  }

  private static long integer(Tensor scores, int index) {
    var data = scores.data();
    return switch (scores.datatype()) {
      case BOOL, UINT8 -> data.get(ValueLayout.JAVA_BYTE, index) & 0xff;
      case INT8 -> data.get(ValueLayout.JAVA_BYTE, index);
      case UINT16 -> data.getAtIndex(SHORT, index) & 0xffff;
      case INT16 -> data.getAtIndex(SHORT, index);
      case UINT32 -> data.getAtIndex(INT, index) & 0xffff_ffffL;
      case INT32 -> data.getAtIndex(INT, index);
      default -> data.getAtIndex(LONG, index);
    };
  }

  private static double real(Tensor scores, int index) {
    var data = scores.data();
    return switch (scores.datatype()) {
      case FP16 -> Float.float16ToFloat(data.getAtIndex(SHORT, index));
      case BF16 -> Float.intBitsToFloat(data.getAtIndex(SHORT, index) << Short.SIZE);
      case FP32 -> Float.intBitsToFloat(data.getAtIndex(INT, index));
      default -> Double.longBitsToDouble(data.getAtIndex(LONG, index));
    };
  }
}
