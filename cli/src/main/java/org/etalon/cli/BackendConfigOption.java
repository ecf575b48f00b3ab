package org.etalon.cli;

import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import picocli.CommandLine.Option;

/** {@code --backend-config} of {@code etalon serve}: what tritonserver's says of all models. */
final class BackendConfigOption {
  private static final String BATCH = "default-max-batch-size=";

  /** What Triton is told to speak to TensorFlow's library by; there is one here. */
  private static final String TENSORFLOW_2 = "tensorflow,version=2";

  @Option(
      names = "--backend-config",
      paramLabel = "default-max-batch-size=N",
      description =
          "The largest batch of models whose configuration says none and whose file allows any (default: 256).")
  private List<String> settings = new ArrayList<>();

  /**
   * The last one given.
   *
   * @throws IllegalArgumentException that names a setting which is not known
   */
  OptionalInt defaultMaxBatchSize() {
    OptionalInt size = OptionalInt.empty();
    for (String setting : settings) {
      if (setting.startsWith(BATCH)) {
        size = OptionalInt.of(number(setting));
      } else if (!setting.equals(TENSORFLOW_2)) {
        throw new IllegalArgumentException(
            "--backend-config: '%s' (expected: %sN, for all backends; remedy: other settings stand in each model's config.pbtxt, under parameters)"
                .formatted(setting, BATCH));
      }
    }
    return size;
  }

  private static int number(String setting) {
    try {
      return Integer.parseInt(setting.substring(BATCH.length()));
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException(
          "--backend-config: '%s' (expected: a number)".formatted(setting), e);
    }
  }
}
