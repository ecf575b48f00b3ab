package org.etalon.engine.config;

import com.google.protobuf.Descriptors.EnumValueDescriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Message;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.etalon.protocol.proto.ModelConfig;

/** Configurations of every field that there is, with whatever values. */
final class RandomConfig {
  private static final String LETTERS =
      "ab_\u00e9\u4e16\uD83D\uDE00\\\"'\n\t\r\u0001#{}<>[]:,;\u007f";

  private final Random random;

  RandomConfig(long seed) {
    this.random = new Random(seed);
  }

  ModelConfig next() {
    ModelConfig.Builder config = ModelConfig.newBuilder();
    fill(config, 0);
    return config.build();
  }

  private void fill(Message.Builder message, int depth) {
    for (FieldDescriptor field : message.getDescriptorForType().getFields()) {
      if (random.nextInt(3 + depth) != 0) {
        continue;
      }
      if (!field.isRepeated()) {
        message.setField(field, value(message, field, depth));
        continue;
      }
      Set<Object> keys = new HashSet<>();
      for (int i = random.nextInt(4); i > 0; i--) {
        Object value = value(message, field, depth);
        if (!field.isMapField()
            || keys.add(
                ((Message) value).getField(field.getMessageType().findFieldByName("key")))) {
          message.addRepeatedField(field, value);
        }
      }
    }
  }

  private Object value(Message.Builder message, FieldDescriptor field, int depth) {
    return switch (field.getJavaType()) {
      case INT -> random.nextBoolean() ? random.nextInt() : random.nextInt(5);
      case LONG -> random.nextBoolean() ? random.nextLong() : (long) random.nextInt(5);
      case FLOAT -> (float) real();
      case DOUBLE -> real();
      case BOOLEAN -> random.nextBoolean();
      case STRING -> text();
      case ENUM -> {
        List<EnumValueDescriptor> values = field.getEnumType().getValues();
        yield values.get(random.nextInt(values.size()));
      }
      case MESSAGE -> {
        Message.Builder nested = message.newBuilderForField(field);
        fill(nested, depth + 1);
        yield nested.build();
      }
      case BYTE_STRING -> throw new AssertionError("no such field in a configuration");
    };
  }

  private double real() {
    return switch (random.nextInt(5)) {
      case 0 -> Double.NaN;
      case 1 -> Double.NEGATIVE_INFINITY;
      case 2 -> Double.POSITIVE_INFINITY;
      case 3 -> random.nextGaussian() * Math.pow(10, random.nextInt(60) - 30);
      default -> random.nextInt(5) - 2;
    };
  }

  private String text() {
    StringBuilder text = new StringBuilder();
    int[] letters = LETTERS.codePoints().toArray();
    for (int i = random.nextInt(8); i > 0; i--) {
      text.appendCodePoint(letters[random.nextInt(letters.length)]);
    }
    return text.toString();
  }
}
