package org.etalon.protocol.wire;

import com.google.protobuf.ByteString;
import com.google.protobuf.UnknownFieldSet;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.etalon.inference.DataType;
import org.etalon.protocol.proto.InferParameter;
import org.etalon.protocol.proto.InferTensorContents;
import org.etalon.protocol.proto.ModelInferRequest;
import org.etalon.protocol.proto.ModelInferRequest.InferInputTensor;

/** Request messages of every form, consistent unless damaged afterwards. */
final class RandomRequests {
  private static final List<String> TEXTS =
      List.of("", "x", "bbh", "Schwingung \u00e4\u6f22\ud83c\udf0c", "a b");
  private static final List<String> KEYS =
      List.of(
          "sequence_id", "sequence_start", "sequence_end", "priority", "timeout", "own", "", "k");

  private final SplittableRandom random;

  RandomRequests(long seed) {
    this.random = new SplittableRandom(seed);
  }

  ModelInferRequest next() {
    ModelInferRequest.Builder message =
        ModelInferRequest.newBuilder()
            .setModelName(random.nextInt(50) == 0 ? "" : "model")
            .setModelVersion(pick(List.of("", "", "1", "12", random.nextInt(9) == 0 ? "-1" : "3")))
            .setId(pick(TEXTS));
    if (random.nextInt(3) == 0) {
      for (int i = random.nextInt(4); i > 0; i--) {
        message.putParameters(pick(KEYS), parameter());
      }
    }
    boolean isRaw = random.nextBoolean();
    for (int i = random.nextInt(4); i > 0; i--) {
      addInput(message, isRaw);
    }
    for (int i = random.nextInt(3); i > 0; i--) {
      message.addOutputsBuilder().setName(pick(TEXTS)).putParameters(pick(KEYS), parameter());
    }
    if (random.nextInt(4) == 0) {
      message.setUnknownFields(unknownFields());
    }
    return message.build();
  }

  /** The message's fields as several messages one behind the other, which parsers merge. */
  byte[] encodeInPieces(ModelInferRequest message) {
    ModelInferRequest inputs =
        ModelInferRequest.newBuilder().addAllInputs(message.getInputsList()).build();
    ModelInferRequest raws =
        ModelInferRequest.newBuilder()
            .addAllRawInputContents(message.getRawInputContentsList())
            .build();
    ModelInferRequest rest = message.toBuilder().clearInputs().clearRawInputContents().build();
    return raws.toByteString()
        .concat(rest.toByteString())
        .concat(inputs.toByteString())
        .toByteArray();
  }

  /** Some bytes changed, cut, doubled or inserted. */
  byte[] damage(byte[] message) {
    byte[] damaged = message.clone();
    for (int i = 1 + random.nextInt(3); i > 0 && damaged.length > 0; i--) {
      int at = random.nextInt(damaged.length);
      switch (random.nextInt(4)) {
        case 0 -> damaged[at] ^= (byte) (1 << random.nextInt(8));
        case 1 -> damaged[at] = (byte) random.nextInt();
        case 2 -> damaged = Arrays.copyOf(damaged, at);
        default -> damaged = insert(damaged, at);
      }
    }
    return damaged;
  }

  private byte[] insert(byte[] message, int at) {
    byte[] longer = new byte[message.length + 1];
    System.arraycopy(message, 0, longer, 0, at);
    longer[at] = (byte) random.nextInt();
    System.arraycopy(message, at, longer, at + 1, message.length - at);
    return longer;
  }

  private void addInput(ModelInferRequest.Builder message, boolean isRaw) {
    DataType type = List.of(DataType.values()).get(random.nextInt(DataType.values().length));
    if (!isRaw && (type == DataType.FP16 || type == DataType.BF16)) {
      type = DataType.FP32;
    }
    InferInputTensor.Builder input = message.addInputsBuilder();
    input.setName(pick(TEXTS)).setDatatype(type.name());
    int count = 1;
    for (int rank = random.nextInt(4); rank > 0; rank--) {
      int dim = random.nextInt(5);
      input.addShape(dim);
      count *= dim;
    }
    if (random.nextInt(8) == 0) {
      input.putParameters(pick(KEYS), parameter());
    }
    if (isRaw) {
      message.addRawInputContents(bytes(type.isFixedSize() ? count * type.elementBytes() : count));
    } else {
      addContents(input, type, count);
    }
  }

  private void addContents(InferInputTensor.Builder input, DataType type, int count) {
    InferTensorContents contents = contents(type, count);
    if (random.nextBoolean()) {
      input.setContents(contents);
      return;
    }
    // The same contents as a field of a number the class does not know, element by element.
    UnknownFieldSet.Field.Builder field = UnknownFieldSet.Field.newBuilder();
    field.addLengthDelimited(random.nextBoolean() ? contents.toByteString() : unpacked(contents));
    UnknownFieldSet.Builder all = UnknownFieldSet.newBuilder().addField(5, field.build());
    input.setUnknownFields(all.build());
  }

  private static ByteString unpacked(InferTensorContents contents) {
    UnknownFieldSet.Builder fields = UnknownFieldSet.newBuilder();
    contents.getBoolContentsList().forEach(v -> fields.mergeVarintField(1, v ? 1 : 0));
    for (int value : contents.getIntContentsList()) {
      fields.mergeField(2, varint(value));
    }
    contents.getInt64ContentsList().forEach(v -> fields.mergeField(3, varint(v)));
    for (int value : contents.getUintContentsList()) {
      fields.mergeField(4, varint(Integer.toUnsignedLong(value)));
    }
    contents.getUint64ContentsList().forEach(v -> fields.mergeField(5, varint(v)));
    contents
        .getFp32ContentsList()
        .forEach(v ->
            fields.mergeField(
                6,
                UnknownFieldSet.Field.newBuilder().addFixed32(Float.floatToRawIntBits(v)).build()));
    contents
        .getFp64ContentsList()
        .forEach(v ->
            fields.mergeField(
                7,
                UnknownFieldSet.Field.newBuilder()
                    .addFixed64(Double.doubleToRawLongBits(v))
                    .build()));
    contents
        .getBytesContentsList()
        .forEach(v ->
            fields.mergeField(8, UnknownFieldSet.Field.newBuilder().addLengthDelimited(v).build()));
    return fields.build().toByteString();
  }

  private static UnknownFieldSet.Field varint(long value) {
    return UnknownFieldSet.Field.newBuilder().addVarint(value).build();
  }

  private InferTensorContents contents(DataType type, int count) {
    InferTensorContents.Builder contents = InferTensorContents.newBuilder();
    for (int i = 0; i < count; i++) {
      switch (type) {
        case BOOL -> contents.addBoolContents(random.nextBoolean());
        case INT8 -> contents.addIntContents((byte) random.nextInt());
        case INT16 -> contents.addIntContents((short) random.nextInt());
        case INT32 -> contents.addIntContents(random.nextInt());
        case INT64 -> contents.addInt64Contents(random.nextLong());
        case UINT8 -> contents.addUintContents(random.nextInt(random.nextInt(60) == 0 ? 300 : 256));
        case UINT16 -> contents.addUintContents(random.nextInt(1 << 16));
        case UINT32 -> contents.addUintContents(random.nextInt());
        case UINT64 -> contents.addUint64Contents(random.nextLong());
        case FP32 -> contents.addFp32Contents(Float.intBitsToFloat(random.nextInt()));
        case FP64 -> contents.addFp64Contents(Double.longBitsToDouble(random.nextLong()));
        case BYTES -> contents.addBytesContents(bytes(random.nextInt(5)));
        case FP16, BF16 -> throw new AssertionError("has no typed form");
      }
    }
    return contents.build();
  }

  private InferParameter parameter() {
    InferParameter.Builder parameter = InferParameter.newBuilder();
    return switch (random.nextInt(16)) {
      case 0, 1, 2 -> parameter.setBoolParam(random.nextBoolean()).build();
      case 3, 4, 5, 6 -> parameter.setInt64Param(random.nextInt(-1, 5)).build();
      case 7, 8, 9 -> parameter.setUint64Param(random.nextLong() >>> random.nextInt(64)).build();
      case 10, 11, 12 -> parameter.setStringParam(pick(TEXTS)).build();
      case 13, 14 -> parameter.setDoubleParam(random.nextDouble()).build();
      default -> parameter.build();
    };
  }

  private UnknownFieldSet unknownFields() {
    UnknownFieldSet group =
        UnknownFieldSet.newBuilder().addField(3, varint(random.nextLong())).build();
    return UnknownFieldSet.newBuilder()
        .addField(
            20,
            UnknownFieldSet.Field.newBuilder()
                .addVarint(random.nextLong())
                .addFixed32(random.nextInt())
                .addFixed64(random.nextLong())
                .addLengthDelimited(bytes(3))
                .addGroup(group)
                .build())
        .build();
  }

  private ByteString bytes(int count) {
    byte[] bytes = new byte[count];
    random.nextBytes(bytes);
    return ByteString.copyFrom(bytes);
  }

  private String pick(List<String> choices) {
    return choices.get(random.nextInt(choices.size()));
  }
}
