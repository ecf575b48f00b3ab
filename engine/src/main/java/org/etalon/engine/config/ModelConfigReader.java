package org.etalon.engine.config;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.etalon.protocol.proto.ModelConfig;

/**
 * Reads configurations in protobuf's text format. Stateless.
 *
 * @see <a href="https://protobuf.dev/reference/protobuf/textformat-spec/">the text format</a>
 */
public final class ModelConfigReader {
  /** Real ones take kilobytes; whatever takes more is another file by mistake. */
  private static final long MAX_BYTES = 4 << 20;

  private static final String BYTE_ORDER_MARK = "\uFEFF";

  private ModelConfigReader() {}

  /**
   * Reads a file; what is wrong in it stands in the result.
   *
   * @throws IOException if the file cannot be read
   */
  public static ParsedConfig read(Path file) throws IOException {
    String name = file.toString();
    long size = Files.size(file);
    if (size > MAX_BYTES) {
      return refused(
          name,
          Position.START,
          "%d bytes (expected: a configuration of at most %d)".formatted(size, MAX_BYTES));
    }
    byte[] content = Files.readAllBytes(file);
    ByteBuffer bytes = ByteBuffer.wrap(content);
    try {
      String text =
          StandardCharsets.UTF_8
              .newDecoder()
              .onMalformedInput(CodingErrorAction.REPORT)
              .decode(bytes)
              .toString();
      return parse(name, text);
    } catch (CharacterCodingException e) {
      // The decoder leaves the buffer at the first byte that it cannot read.
      return refused(
          name, end(content, bytes.position()), "the file is not UTF-8 text from here on");
    }
  }

  /** Reads a text; {@code file} is named in faults. */
  public static ParsedConfig parse(String file, String text) {
    ModelConfig.Builder config = ModelConfig.newBuilder();
    TextFormatParser parser =
        new TextFormatParser(file, text.startsWith(BYTE_ORDER_MARK) ? text.substring(1) : text);
    parser.parse(config);
    return new ParsedConfig(file, config.build(), parser.faults(), parser.positions());
  }

  /** A model without a configuration file; {@code where} stands for the file in faults. */
  public static ParsedConfig absent(String where) {
    return new ParsedConfig(where, ModelConfig.getDefaultInstance(), List.of(), Map.of());
  }

  private static Position end(byte[] content, int length) {
    String text = new String(content, 0, length, StandardCharsets.UTF_8);
    int line = 1 + (int) text.chars().filter(c -> c == '\n').count();
    return new Position(line, text.length() - text.lastIndexOf('\n'));
  }

  private static ParsedConfig refused(String file, Position position, String message) {
    return new ParsedConfig(
        file,
        ModelConfig.getDefaultInstance(),
        List.of(new ConfigFault(file, Optional.of(position), message)),
        Map.of());
  }
}
