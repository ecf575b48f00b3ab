package org.etalon.cli;

import java.util.Locale;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Options that are true or false, in the words that tritonserver takes too. */
final class Switch implements ITypeConverter<Boolean> {
  @Override
  public Boolean convert(String text) {
    return switch (text.toLowerCase(Locale.ROOT)) {
      case "true", "1" -> true;
      case "false", "0" -> false;
      default ->
          throw new TypeConversionException("'%s' (expected: true, false, 1 or 0)".formatted(text));
    };
  }
}
