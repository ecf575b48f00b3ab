package org.etalon.backends.onnx;

import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession.SessionOptions;
import ai.onnxruntime.OrtSession.SessionOptions.ExecutionMode;
import ai.onnxruntime.OrtSession.SessionOptions.OptLevel;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import org.etalon.inference.NearestName;
import org.etalon.protocol.proto.ModelConfig;

/**
 * What a configuration says about sessions, by the names of Triton's {@code onnxruntime} backend.
 *
 * <p>By default a session has one thread, the instance's own, which does not spin. An instance is
 * the unit of parallelism here: a pool per session on top of it would put more threads to work than
 * there are cores, and a small network loses more to handing work over than it gains (64-256-128-64
 * perceptron, batch 8: 7 us on one thread). A large one that runs alone gains from {@code
 * intra_op_thread_count}.
 *
 * @param optimization {@code optimization.graph.level}: all by default, -1 basic, 1 extended, 2
 *     none
 * @param intraOpThreads within a node; 0 as many as cores
 * @param interOpThreads between nodes, for {@code execution_mode} 1; 0 as many as cores
 * @param mode {@code execution_mode}: 0 sequential, 1 parallel
 * @param hasMemoryArena {@code enable_mem_arena}: keeps freed memory for the next run
 * @param hasMemoryPattern {@code enable_mem_pattern}: allocates as in the run before
 * @param sessionEntries parameters {@code session.*}, {@code ep.*}, {@code mlas.*}, {@code
 *     optimization.*}, given to ONNX Runtime as they are
 * @param runEntries parameters {@code memory.*}, given to each run as they are
 */
record SessionSettings(
    OptLevel optimization,
    int intraOpThreads,
    int interOpThreads,
    ExecutionMode mode,
    boolean hasMemoryArena,
    boolean hasMemoryPattern,
    Map<String, String> sessionEntries,
    Map<String, String> runEntries) {
  private static final String INTRA_OP = "intra_op_thread_count";
  private static final String INTER_OP = "inter_op_thread_count";
  private static final String MODE = "execution_mode";
  private static final String ARENA = "enable_mem_arena";
  private static final String PATTERN = "enable_mem_pattern";

  /** Always so here: all instances on a device share one session. */
  private static final String SHARED = "share_session_between_instances";

  private static final List<String> NAMES =
      List.of(INTRA_OP, INTER_OP, MODE, ARENA, PATTERN, SHARED);

  /** Parameters that begin so are meant for this backend; of others it knows nothing. */
  private static final List<String> PREFIXES =
      List.of("intra_op", "inter_op", "execution_", "enable_mem", "share_session");

  private static final List<String> SESSION_PREFIXES =
      List.of("session.", "ep.", "mlas.", "optimization.");
  private static final String RUN_PREFIX = "memory.";
  private static final int MAX_THREADS = 4096;

  SessionSettings {
    sessionEntries = Map.copyOf(sessionEntries);
    runEntries = Map.copyOf(runEntries);
  }

  /**
   * @throws org.etalon.inference.ServingException INVALID_ARGUMENT, with every fault
   */
  static SessionSettings of(ModelConfig config, ModelLabel label) {
    Reader reader = new Reader(config);
    reader.refuseUnknown();
    SessionSettings settings =
        new SessionSettings(
            reader.optimization(),
            reader.number(INTRA_OP, MAX_THREADS).orElse(1),
            reader.number(INTER_OP, MAX_THREADS).orElse(1),
            reader.flag(MODE, false) ? ExecutionMode.PARALLEL : ExecutionMode.SEQUENTIAL,
            reader.flag(ARENA, true),
            reader.flag(PATTERN, true),
            reader.sessionEntries(),
            reader.startingWith(List.of(RUN_PREFIX)));
    if (!reader.faults.isEmpty()) {
      throw label.invalid(String.join("; ", reader.faults));
    }
    return settings;
  }

  /** Options for one session, to be closed by the caller; without execution providers. */
  @SuppressWarnings("MustBeClosedChecker") // the caller's to close
  SessionOptions open() throws OrtException {
    SessionOptions options = new SessionOptions();
    try {
      options.setOptimizationLevel(optimization);
      options.setIntraOpNumThreads(intraOpThreads);
      options.setInterOpNumThreads(interOpThreads);
      options.setExecutionMode(mode);
      options.setCPUArenaAllocator(hasMemoryArena);
      options.setMemoryPatternOptimization(hasMemoryPattern);
      for (var entry : sessionEntries.entrySet()) {
        options.addConfigEntry(entry.getKey(), entry.getValue());
      }
      return options;
    } catch (OrtException | RuntimeException e) {
      options.close();
      throw e;
    }
  }

  /** Reads parameters and notes what is wrong with them. Owned by one thread. */
  private static final class Reader {
    private final ModelConfig config;
    private final List<String> faults = new ArrayList<>();

    Reader(ModelConfig config) {
      this.config = config;
    }

    OptLevel optimization() {
      int level = config.getOptimization().getGraph().getLevel();
      return switch (level) {
        case -1 -> OptLevel.BASIC_OPT;
        case 0 -> OptLevel.ALL_OPT;
        case 1 -> OptLevel.EXTENDED_OPT;
        case 2 -> OptLevel.NO_OPT;
        default -> {
          faults.add(
              "optimization.graph.level: %d (expected: -1 basic, 0 all, 1 extended, 2 none)"
                  .formatted(level));
          yield OptLevel.ALL_OPT;
        }
      };
    }

    OptionalInt number(String name, int max) {
      Optional<String> text = text(name);
      if (text.isEmpty()) {
        return OptionalInt.empty();
      }
      try {
        int number = Integer.parseInt(text.get().strip());
        if (number >= 0 && number <= max) {
          return OptionalInt.of(number);
        }
      } catch (NumberFormatException e) {
        // noted below
      }
      faults.add("parameter %s: '%s' (expected: 0 to %d)".formatted(name, text.get(), max));
      return OptionalInt.empty();
    }

    boolean flag(String name, boolean standard) {
      OptionalInt number = number(name, 1);
      return number.isPresent() ? number.getAsInt() == 1 : standard;
    }

    Map<String, String> sessionEntries() {
      Map<String, String> entries = new LinkedHashMap<>();
      entries.put("session.intra_op.allow_spinning", "0");
      entries.put("session.inter_op.allow_spinning", "0");
      entries.putAll(startingWith(SESSION_PREFIXES));
      return entries;
    }

    Map<String, String> startingWith(List<String> prefixes) {
      Map<String, String> entries = new LinkedHashMap<>();
      config
          .getParametersMap()
          .forEach((name, parameter) -> {
            if (prefixes.stream().anyMatch(name::startsWith)) {
              entries.put(name, parameter.getStringValue());
            }
          });
      return entries;
    }

    void refuseUnknown() {
      for (String name : config.getParametersMap().keySet()) {
        if (!NAMES.contains(name) && PREFIXES.stream().anyMatch(name::startsWith)) {
          faults.add("parameter %s is not known (expected: %s)".formatted(name, nearest(name)));
        }
      }
    }

    private Optional<String> text(String name) {
      return config.containsParameters(name)
          ? Optional.of(config.getParametersOrThrow(name).getStringValue())
          : Optional.empty();
    }

    private static String nearest(String name) {
      return NearestName.of(name, NAMES);
    }
  }
}
