package org.etalon.conversion.caffe2;

import com.google.protobuf.CodedInputStream;
import com.google.protobuf.WireFormat;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.etalon.conversion.caffe2.NetDef.Argument;
import org.etalon.conversion.caffe2.NetDef.Operator;

/**
 * Reads a serialized {@code NetDef}.
 *
 * <p>By hand, as a file holds tens of millions of numbers one by one, each of which protobuf's own
 * classes would make an object of.
 */
final class NetReader {
  /** A recurrent operator holds the net of one step, and that none. */
  private static final int MAX_DEPTH = 3;

  private NetReader() {}

  /**
   * @throws IOException if the file cannot be read or is none; the message names it
   */
  static NetDef read(Path file) throws IOException {
    byte[] bytes = Files.readAllBytes(file);
    NetDef net;
    try {
      net = net(CodedInputStream.newInstance(bytes), 0);
    } catch (IOException e) {
      throw new IOException(
          "%s is not a serialized NetDef of Caffe2: %s".formatted(file, e.getMessage()), e);
    }
    if (net.operators().isEmpty() && net.name().isEmpty()) {
      throw new IOException(
          "%s holds neither a name nor operators (expected: a serialized NetDef of Caffe2)"
              .formatted(file));
    }
    return net;
  }

  private static NetDef net(CodedInputStream in, int depth) throws IOException {
    if (depth > MAX_DEPTH) {
      throw new IOException("nets within nets (expected: at most %d deep)".formatted(MAX_DEPTH));
    }
    String name = "";
    List<Operator> operators = new ArrayList<>();
    List<String> inputs = new ArrayList<>();
    List<String> outputs = new ArrayList<>();
    for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
      switch (WireFormat.getTagFieldNumber(tag)) {
        case 1 -> name = text(in, tag);
        case 2 -> operators.add(operator(inner(in, tag), depth));
        case 7 -> inputs.add(text(in, tag));
        case 8 -> outputs.add(text(in, tag));
        default -> in.skipField(tag);
      }
    }
    return new NetDef(name, operators, inputs, outputs);
  }

  private static Operator operator(CodedInputStream in, int depth) throws IOException {
    String type = "";
    String name = "";
    List<String> inputs = new ArrayList<>();
    List<String> outputs = new ArrayList<>();
    List<Argument> args = new ArrayList<>();
    for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
      switch (WireFormat.getTagFieldNumber(tag)) {
        case 1 -> inputs.add(text(in, tag));
        case 2 -> outputs.add(text(in, tag));
        case 3 -> name = text(in, tag);
        case 4 -> type = text(in, tag);
        case 5 -> args.add(argument(inner(in, tag), depth));
        default -> in.skipField(tag);
      }
    }
    return new Operator(type, name, inputs, outputs, args);
  }

  private static Argument argument(CodedInputStream in, int depth) throws IOException {
    String name = "";
    Optional<Float> real = Optional.empty();
    Optional<Long> whole = Optional.empty();
    Optional<String> text = Optional.empty();
    Floats floats = new Floats();
    List<Long> wholes = new ArrayList<>();
    List<String> texts = new ArrayList<>();
    Optional<NetDef> net = Optional.empty();
    for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
      switch (WireFormat.getTagFieldNumber(tag)) {
        case 1 -> name = text(in, tag);
        case 2 -> {
          expect(tag, WireFormat.WIRETYPE_FIXED32);
          real = Optional.of(in.readFloat());
        }
        case 3 -> {
          expect(tag, WireFormat.WIRETYPE_VARINT);
          whole = Optional.of(in.readInt64());
        }
        case 4 -> text = Optional.of(text(in, tag));
        case 5 -> floats.read(in, tag);
        case 6 -> readWholes(in, tag, wholes);
        case 7 -> texts.add(text(in, tag));
        case 8 -> net = Optional.of(net(inner(in, tag), depth + 1));
        default -> in.skipField(tag);
      }
    }
    long[] numbers = wholes.stream().mapToLong(Long::longValue).toArray();
    return new Argument(name, real, whole, text, floats.values(), numbers, texts, net);
  }

  /** Packed or one by one, as the writer liked. */
  private static void readWholes(CodedInputStream in, int tag, List<Long> wholes)
      throws IOException {
    if (WireFormat.getTagWireType(tag) == WireFormat.WIRETYPE_VARINT) {
      wholes.add(in.readInt64());
      return;
    }
    CodedInputStream packed = inner(in, tag);
    while (!packed.isAtEnd()) {
      wholes.add(packed.readInt64());
    }
  }

  private static CodedInputStream inner(CodedInputStream in, int tag) throws IOException {
    expect(tag, WireFormat.WIRETYPE_LENGTH_DELIMITED);
    return CodedInputStream.newInstance(in.readByteArray());
  }

  private static String text(CodedInputStream in, int tag) throws IOException {
    expect(tag, WireFormat.WIRETYPE_LENGTH_DELIMITED);
    return new String(in.readByteArray(), StandardCharsets.UTF_8);
  }

  private static void expect(int tag, int wireType) throws IOException {
    if (WireFormat.getTagWireType(tag) != wireType) {
      throw new IOException(
          "field %d has wire type %d (expected: %d)"
              .formatted(
                  WireFormat.getTagFieldNumber(tag), WireFormat.getTagWireType(tag), wireType));
    }
  }

  /** Real numbers as they come. */
  private static final class Floats {
    private float[] values = new float[0];
    private int count;

    void read(CodedInputStream in, int tag) throws IOException {
      if (WireFormat.getTagWireType(tag) == WireFormat.WIRETYPE_FIXED32) {
        add(in.readFloat());
        return;
      }
      CodedInputStream packed = inner(in, tag);
      while (!packed.isAtEnd()) {
        add(packed.readFloat());
      }
    }

    private void add(float value) {
      if (count == values.length) {
        values = Arrays.copyOf(values, Math.max(16, 2 * count));
      }
      values[count++] = value;
    }

    float[] values() {
      return Arrays.copyOf(values, count);
    }
  }
}
