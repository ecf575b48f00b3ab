package org.etalon.engine.config;

import com.google.protobuf.Descriptors.EnumDescriptor;
import com.google.protobuf.Descriptors.EnumValueDescriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.BiConsumer;
import org.etalon.inference.NearestName;
import org.jspecify.annotations.Nullable;

/** Reads single values. Owned by one thread. */
final class ScalarParser {
  private static final BigInteger MAX_UINT64 = BigInteger.TWO.pow(64).subtract(BigInteger.ONE);

  private final TokenCursor tokens;
  private final BiConsumer<Position, String> faults;

  ScalarParser(TokenCursor tokens, BiConsumer<Position, String> faults) {
    this.tokens = tokens;
    this.faults = faults;
  }

  /**
   * Takes one value.
   *
   * @return as protobuf's reflection has it, or null after a fault, with the bad value taken
   */
  @Nullable Object parse(FieldDescriptor field) {
    Token first = tokens.peek();
    if (tokens.isAtEndOfValue() || first.isOneOf(",;")) {
      faults.accept(
          first.position(),
          "'%s' has no value (expected: %s)".formatted(field.getName(), expected(field)));
      return null;
    }
    if (first.kind() == Token.Kind.STRING) {
      return string(field);
    }
    boolean isNegative = tokens.accept('-');
    Token token = tokens.next();
    Object value =
        switch (token.kind()) {
          case NUMBER -> number(field, token.text(), isNegative);
          case IDENTIFIER -> word(field, token.text(), isNegative);
          case STRING, SYMBOL, END -> null;
        };
    if (value == null) {
      Token found =
          new Token(token.kind(), (isNegative ? "-" : "") + token.text(), first.position());
      faults.accept(first.position(), mismatch(field, found));
    }
    return value;
  }

  private @Nullable Object string(FieldDescriptor field) {
    List<Token> literals = new ArrayList<>(1);
    while (tokens.peek().kind() == Token.Kind.STRING) {
      literals.add(tokens.next());
    }
    if (field.getType() == FieldDescriptor.Type.STRING) {
      return StringLiterals.decode(literals, faults);
    }
    Token first = literals.getFirst();
    String remedy = first.text().length() > 2 ? "; write it without the quotes" : "";
    faults.accept(first.position(), mismatch(field, first) + remedy);
    return null;
  }

  private static @Nullable Object number(FieldDescriptor field, String text, boolean isNegative) {
    return switch (field.getType()) {
      case INT32, SINT32, SFIXED32, INT64, SINT64, SFIXED64, UINT32, FIXED32, UINT64, FIXED64 ->
          integer(text, isNegative)
              .filter(value -> lowest(field).compareTo(value) <= 0)
              .filter(value -> highest(field).compareTo(value) >= 0)
              .map(value -> is32Bits(field) ? (Object) value.intValue() : value.longValue())
              .orElse(null);
      case FLOAT ->
          real(text, isNegative).map(value -> (Object) (float) (double) value).orElse(null);
      case DOUBLE -> real(text, isNegative).map(value -> (Object) value).orElse(null);
      case BOOL ->
          integer(text, isNegative)
              .filter(value -> value.signum() >= 0 && value.compareTo(BigInteger.ONE) <= 0)
              .map(value -> (Object) (value.signum() > 0))
              .orElse(null);
      case ENUM ->
          integer(text, isNegative)
              .filter(value -> value.bitLength() < Integer.SIZE)
              .map(value -> (Object) field.getEnumType().findValueByNumber(value.intValue()))
              .orElse(null);
      case STRING, BYTES, MESSAGE, GROUP -> null;
    };
  }

  private static @Nullable Object word(FieldDescriptor field, String text, boolean isNegative) {
    return switch (field.getType()) {
      case FLOAT ->
          special(text, isNegative).map(value -> (Object) (float) (double) value).orElse(null);
      case DOUBLE -> special(text, isNegative).map(value -> (Object) value).orElse(null);
      case BOOL -> isNegative ? null : truth(text);
      case ENUM -> isNegative ? null : field.getEnumType().findValueByName(text);
      default -> null;
    };
  }

  private static @Nullable Boolean truth(String text) {
    return switch (text) {
      case "true", "True", "t" -> Boolean.TRUE;
      case "false", "False", "f" -> Boolean.FALSE;
      default -> null;
    };
  }

  private static Optional<Double> special(String text, boolean isNegative) {
    double sign = isNegative ? -1 : 1;
    return switch (text.toLowerCase(Locale.ROOT)) {
      case "inf", "infinity", "inff", "infinityf" -> Optional.of(sign * Double.POSITIVE_INFINITY);
      case "nan", "nanf" -> Optional.of(Double.NaN);
      default -> Optional.empty();
    };
  }

  /** A whole number: decimal, octal after {@code 0} or hexadecimal after {@code 0x}. */
  private static Optional<BigInteger> integer(String text, boolean isNegative) {
    int radix = 10;
    String digits = text;
    if (text.startsWith("0x") || text.startsWith("0X")) {
      radix = 16;
      digits = text.substring(2);
    } else if (text.length() > 1 && text.startsWith("0")) {
      radix = 8;
      digits = text.substring(1);
    }
    try {
      BigInteger value = new BigInteger(digits, radix);
      return Optional.of(isNegative ? value.negate() : value);
    } catch (NumberFormatException e) {
      return Optional.empty();
    }
  }

  /** A number with or without point and exponent; Java would also take hexadecimal ones. */
  private static Optional<Double> real(String text, boolean isNegative) {
    boolean hasFloatSuffix = text.endsWith("f") || text.endsWith("F");
    String digits = hasFloatSuffix ? text.substring(0, text.length() - 1) : text;
    if (!digits.matches("(\\d+\\.?\\d*|\\.\\d+)([eE][+-]?\\d+)?")) {
      return Optional.empty();
    }
    double value = Double.parseDouble(digits);
    return Optional.of(isNegative ? -value : value);
  }

  private static boolean is32Bits(FieldDescriptor field) {
    return field.getJavaType() == FieldDescriptor.JavaType.INT;
  }

  private static boolean isUnsigned(FieldDescriptor field) {
    return switch (field.getType()) {
      case UINT32, FIXED32, UINT64, FIXED64 -> true;
      default -> false;
    };
  }

  private static BigInteger lowest(FieldDescriptor field) {
    return isUnsigned(field)
        ? BigInteger.ZERO
        : BigInteger.valueOf(is32Bits(field) ? Integer.MIN_VALUE : Long.MIN_VALUE);
  }

  private static BigInteger highest(FieldDescriptor field) {
    if (isUnsigned(field)) {
      return is32Bits(field) ? BigInteger.valueOf(0xFFFF_FFFFL) : MAX_UINT64;
    }
    return BigInteger.valueOf(is32Bits(field) ? Integer.MAX_VALUE : Long.MAX_VALUE);
  }

  private static String mismatch(FieldDescriptor field, Token found) {
    String nearest = "";
    if (field.getType() == FieldDescriptor.Type.ENUM && found.kind() == Token.Kind.IDENTIFIER) {
      nearest =
          NearestName.close(found.text(), names(field.getEnumType()))
              .map("; did you mean %s?"::formatted)
              .orElse("");
    }
    return "'%s' is %s (expected: %s)%s"
        .formatted(field.getName(), found.found(), expected(field), nearest);
  }

  /** For messages: what a field takes. */
  static String expected(FieldDescriptor field) {
    return switch (field.getType()) {
      case STRING, BYTES -> "a string in quotes";
      case BOOL -> "true or false";
      case FLOAT, DOUBLE -> "a number";
      case ENUM -> "one of " + String.join(", ", names(field.getEnumType()));
      case MESSAGE, GROUP -> "{ ... }";
      default -> "a whole number from %s to %s".formatted(lowest(field), highest(field));
    };
  }

  private static List<String> names(EnumDescriptor type) {
    return type.getValues().stream().map(EnumValueDescriptor::getName).toList();
  }
}
