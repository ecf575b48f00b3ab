package org.etalon.protocol.json;

import com.google.protobuf.ByteString;
import com.google.protobuf.Descriptors.EnumValueDescriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Message;
import java.util.List;
import java.util.TreeMap;
import tools.jackson.core.JsonGenerator;

/**
 * Writes a protobuf message as JSON the way the protocol shows a model's configuration: fields by
 * their names in the {@code .proto} file, enums by name, 64-bit integers as numbers. Every field
 * that has a default is there; a message or a choice only if it is set.
 *
 * <p>Protobuf's own JSON form is not used because it writes 64-bit integers as texts.
 */
public final class MessageJson {
  private MessageJson() {}

  public static byte[] of(Message message) {
    return JsonText.of(json -> write(json, message));
  }

  private static void write(JsonGenerator json, Message message) {
    json.writeStartObject();
    for (FieldDescriptor field : message.getDescriptorForType().getFields()) {
      if (field.isRepeated() || !field.hasPresence() || message.hasField(field)) {
        json.writeName(field.getName());
        writeField(json, field, message.getField(field));
      }
    }
    json.writeEndObject();
  }

  private static void writeField(JsonGenerator json, FieldDescriptor field, Object value) {
    if (field.isMapField()) {
      writeMap(json, field, (List<?>) value);
    } else if (field.isRepeated()) {
      json.writeStartArray();
      ((List<?>) value).forEach(element -> writeValue(json, field, element));
      json.writeEndArray();
    } else {
      writeValue(json, field, value);
    }
  }

  private static void writeMap(JsonGenerator json, FieldDescriptor field, List<?> entries) {
    FieldDescriptor key = field.getMessageType().findFieldByNumber(1);
    FieldDescriptor value = field.getMessageType().findFieldByNumber(2);
    var sorted = new TreeMap<String, Object>();
    for (Object entry : entries) {
      Message pair = (Message) entry;
      sorted.put(keyText(key, pair.getField(key)), pair.getField(value));
    }
    json.writeStartObject();
    sorted.forEach((name, element) -> {
      json.writeName(name);
      writeValue(json, value, element);
    });
    json.writeEndObject();
  }

  private static String keyText(FieldDescriptor key, Object value) {
    return isUnsigned64(key) ? Long.toUnsignedString((Long) value) : value.toString();
  }

  private static void writeValue(JsonGenerator json, FieldDescriptor field, Object value) {
    switch (field.getJavaType()) {
      case STRING -> json.writeString((String) value);
      case BOOLEAN -> json.writeBoolean((Boolean) value);
      case ENUM -> json.writeString(((EnumValueDescriptor) value).getName());
      case MESSAGE -> write(json, (Message) value);
      case FLOAT -> writeReal(json, (Float) value, Float.toString((Float) value));
      case DOUBLE -> writeReal(json, (Double) value, Double.toString((Double) value));
      case INT -> {
        int number = (Integer) value;
        json.writeNumber(isUnsigned32(field) ? Integer.toUnsignedLong(number) : (long) number);
      }
      case LONG -> {
        long number = (Long) value;
        json.writeNumber(
            isUnsigned64(field) ? Long.toUnsignedString(number) : Long.toString(number));
      }
      case BYTE_STRING -> json.writeBinary(((ByteString) value).toByteArray());
    }
  }

  /** A number that is not finite becomes a text, as in protobuf's JSON form. */
  private static void writeReal(JsonGenerator json, double value, String shortest) {
    if (Double.isFinite(value)) {
      json.writeNumber(shortest);
    } else {
      json.writeString(shortest);
    }
  }

  private static boolean isUnsigned32(FieldDescriptor field) {
    return field.getType() == FieldDescriptor.Type.UINT32
        || field.getType() == FieldDescriptor.Type.FIXED32;
  }

  private static boolean isUnsigned64(FieldDescriptor field) {
    return field.getType() == FieldDescriptor.Type.UINT64
        || field.getType() == FieldDescriptor.Type.FIXED64;
  }
}
