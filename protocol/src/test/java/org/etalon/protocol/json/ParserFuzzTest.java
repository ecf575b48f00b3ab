package org.etalon.protocol.json;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.net.URISyntaxException;
import java.net.URL;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.OptionalLong;
import java.util.stream.Stream;
import org.etalon.inference.DataType;
import org.etalon.inference.ErrorCode;
import org.etalon.inference.ModelId;
import org.etalon.inference.ServingException;
import org.etalon.inference.TensorMetadata;
import org.etalon.protocol.wire.InferRequestDecoder;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Whatever a client sends is understood, or refused as its fault. {@code fuzz/} holds seeds and
 * what Jazzer found (its {@code --target_class} is this one); here they are only replayed.
 */
final class ParserFuzzTest {
  private static final ModelId MODEL = ModelId.of("m");
  private static final List<TensorMetadata> INPUTS =
      List.of(
          new TensorMetadata("x", DataType.FP32, List.of(-1L, -1L, 2L)),
          new TensorMetadata("t", DataType.BYTES, List.of(-1L, 1L)),
          new TensorMetadata("s", DataType.UINT64, List.of()));

  static List<Path> seeds() throws IOException, URISyntaxException {
    URL folder = Objects.requireNonNull(ParserFuzzTest.class.getResource("fuzz"));
    try (Stream<Path> files = Files.list(Path.of(folder.toURI()))) {
      return files.sorted().toList();
    }
  }

  @ParameterizedTest
  @MethodSource("seeds")
  void understandsOrRefusesEachInputFound(Path file) throws IOException {
    fuzzerTestOneInput(Files.readAllBytes(file));
  }

  /**
   * @param input which parser, then what it reads
   */
  public static void fuzzerTestOneInput(byte[] input) {
    if (input.length < 2) {
      return;
    }
    MemorySegment body = MemorySegment.ofArray(Arrays.copyOfRange(input, 2, input.length));
    try {
      switch (input[0] & 7) {
        case 0 -> JsonRequestDecoder.decode(MODEL, body, OptionalLong.empty());
        case 1 -> JsonRequestDecoder.decode(MODEL, body, OptionalLong.of(input[1] & 0xff));
        case 2 -> GenerateRequest.decode(MODEL, INPUTS, (input[1] & 1) == 1, body);
        case 3 -> SettingsRequest.log(body);
        case 4 -> SettingsRequest.trace(body);
        case 5 -> RegionRequest.decode(body);
        case 6 -> {
          RepositoryRequest.decode(body);
          ModelConfigJson.parse(
              "m", new String(input, 2, input.length - 2, StandardCharsets.UTF_8));
        }
        default -> {
          InferRequestDecoder.idOf(body);
          InferRequestDecoder.decode(body);
        }
      }
    } catch (ServingException e) {
      if (e.code() == ErrorCode.INTERNAL || String.valueOf(e.getMessage()).isBlank()) {
        throw new IllegalStateException("a client's fault told as another's", e);
      }
    }
  }
}
