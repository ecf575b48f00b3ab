package org.etalon.backends.torch;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.TreeSet;
import org.etalon.inference.NearestName;
import org.etalon.protocol.proto.ModelConfig;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The parameters of a configuration, by the names of Triton's {@code pytorch} backend.
 *
 * <p>By default an instance has one thread, its own: instances are the unit of parallelism here, as
 * for ONNX models.
 *
 * @param intraOpThreads {@code INTRA_OP_THREAD_COUNT}: threads within an operator
 * @param interOpThreads {@code INTER_OP_THREAD_COUNT}: threads between operators, which the whole
 *     process shares
 * @param isOptimized unless {@code DISABLE_OPTIMIZED_EXECUTION}: the graph is specialised in its
 *     first runs
 * @param sharesWeights {@code ENABLE_WEIGHT_SHARING}: instances on a device run one module, which
 *     must not change itself
 */
record TorchSettings(
    int intraOpThreads, OptionalInt interOpThreads, boolean isOptimized, boolean sharesWeights) {
  private static final Logger LOG = LoggerFactory.getLogger(TorchSettings.class);
  private static final String INTRA_OP = "INTRA_OP_THREAD_COUNT";
  private static final String INTER_OP = "INTER_OP_THREAD_COUNT";
  private static final String UNOPTIMIZED = "DISABLE_OPTIMIZED_EXECUTION";
  private static final String SHARING = "ENABLE_WEIGHT_SHARING";
  private static final Set<String> HEEDED = Set.of(INTRA_OP, INTER_OP, UNOPTIMIZED, SHARING);

  /**
   * Parameters of Triton's that change no answer and have nothing to act on here: batches always
   * run without gradients, and the rest are of fusers and caches of GPUs.
   */
  private static final Set<String> WITHOUT_EFFECT =
      Set.of(
          "INFERENCE_MODE",
          "ENABLE_NVFUSER",
          "ENABLE_TENSOR_FUSER",
          "ENABLE_JIT_EXECUTOR",
          "ENABLE_JIT_PROFILING",
          "ENABLE_CACHE_CLEANING",
          "DISABLE_CUDNN");

  /** Parameters that begin so are meant for this backend; of others it knows nothing. */
  private static final List<String> PREFIXES =
      List.of("ENABLE_", "DISABLE_", "INTRA_OP", "INTER_OP", "INFERENCE_");

  private static final int MAX_THREADS = 4096;

  /**
   * @throws org.etalon.inference.ServingException INVALID_ARGUMENT, with every fault
   */
  static TorchSettings of(ModelConfig config, ModelLabel label) {
    Reader reader = new Reader(config);
    reader.noteUnknown(label);
    TorchSettings settings =
        new TorchSettings(
            reader.threads(INTRA_OP).orElse(1),
            reader.threads(INTER_OP),
            !reader.flag(UNOPTIMIZED),
            reader.flag(SHARING));
    if (!reader.faults.isEmpty()) {
      throw label.invalid(String.join("; ", reader.faults));
    }
    return settings;
  }

  /** Owned by one thread. */
  private static final class Reader {
    private final ModelConfig config;
    private final List<String> faults = new ArrayList<>();

    Reader(ModelConfig config) {
      this.config = config;
    }

    OptionalInt threads(String name) {
      Optional<String> text = text(name);
      if (text.isEmpty()) {
        return OptionalInt.empty();
      }
      try {
        int number = Integer.parseInt(text.get());
        if (number >= 1 && number <= MAX_THREADS) {
          return OptionalInt.of(number);
        }
      } catch (NumberFormatException e) {
        // noted below
      }
      faults.add("parameter %s: '%s' (expected: 1 to %d)".formatted(name, text.get(), MAX_THREADS));
      return OptionalInt.empty();
    }

    boolean flag(String name) {
      String text = text(name).orElse("false");
      if (!text.equals("true") && !text.equals("false")) {
        faults.add("parameter %s: '%s' (expected: true or false)".formatted(name, text));
      }
      return text.equals("true");
    }

    void noteUnknown(ModelLabel label) {
      for (String name : new TreeSet<>(config.getParametersMap().keySet())) {
        if (WITHOUT_EFFECT.contains(name)) {
          LOG.info("{}: parameter {} has no effect here", label, name);
        } else if (!HEEDED.contains(name) && PREFIXES.stream().anyMatch(name::startsWith)) {
          faults.add(
              "parameter %s is not known (expected: %s)"
                  .formatted(name, NearestName.of(name, new TreeSet<>(HEEDED))));
        }
      }
    }

    private Optional<String> text(String name) {
      return config.containsParameters(name)
          ? Optional.of(config.getParametersOrThrow(name).getStringValue().strip())
          : Optional.empty();
    }
  }
}
