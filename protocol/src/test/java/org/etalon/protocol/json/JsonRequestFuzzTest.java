package org.etalon.protocol.json;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.OptionalLong;
import java.util.Random;
import java.util.stream.IntStream;
import org.etalon.inference.ErrorCode;
import org.etalon.inference.ModelId;
import org.etalon.inference.ServingException;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Whatever the bytes, there is a request or an error that blames the client. */
final class JsonRequestFuzzTest {
  private static final int ROUNDS = 2000;

  private static final String VALID =
      """
      {"id":"r","parameters":{"sequence_id":7,"timeout":60,"binary_data_output":true,"k":1.5},
       "inputs":[
        {"data":[[true,false]],"shape":[2],"name":"a","datatype":"BOOL"},
        {"name":"b","shape":[1,2],"datatype":"FP32","data":[1.5e-3,-2]},
        {"name":"c","shape":[2],"datatype":"UINT64","data":[18446744073709551615,0]},
        {"name":"d","shape":[1],"datatype":"BYTES","data":["\\ud83d\\ude00 é"]},
        {"name":"e","shape":[2],"datatype":"FP16","parameters":{"binary_data_size":4}}],
       "outputs":[{"name":"y","parameters":{"binary_data":true}}]}
      """;

  private static final List<String> SPLICES =
      List.of(
          "[",
          "]",
          "{",
          "}",
          "\"",
          ",",
          ":",
          "null",
          "-",
          "1e999",
          "99999999999999999999",
          "\\u0000",
          "\\ud800",
          "true",
          "\"shape\":[-1],",
          "\"data\":[",
          "\uFEFF");

  static IntStream seeds() {
    return IntStream.range(0, 20);
  }

  @ParameterizedTest
  @MethodSource("seeds")
  void answersDamagedRequestsWithAnErrorThatBlamesTheClient(int seed) {
    var random = new Random(seed);
    for (int round = 0; round < ROUNDS; round++) {
      byte[] body = damage(VALID.getBytes(StandardCharsets.UTF_8), random);
      OptionalLong header =
          random.nextBoolean()
              ? OptionalLong.of(random.nextInt(-1, body.length + 2))
              : OptionalLong.empty();
      try {
        JsonRequestDecoder.decode(ModelId.of("m"), MemorySegment.ofArray(body), header);
      } catch (ServingException e) {
        assertThat(e.code()).isIn(ErrorCode.INVALID_ARGUMENT, ErrorCode.UNIMPLEMENTED);
        assertThat(e.getMessage()).isNotBlank();
      }
    }
  }

  private static byte[] damage(byte[] valid, Random random) {
    var out = new ByteArrayOutputStream();
    int faults = 1 + random.nextInt(3);
    for (int i = 0; i < valid.length; i++) {
      if (random.nextInt(valid.length) >= faults) {
        out.write(valid[i]);
        continue;
      }
      switch (random.nextInt(4)) {
        case 0 -> out.write(random.nextInt(256));
        case 1 -> i += random.nextInt(20);
        case 2 ->
            out.writeBytes(
                SPLICES.get(random.nextInt(SPLICES.size())).getBytes(StandardCharsets.UTF_8));
        default -> out.write(valid, i, Math.min(random.nextInt(60), valid.length - i));
      }
    }
    return out.toByteArray();
  }
}
