package org.etalon.cli;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SequencedMap;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.IModelTransformer;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;

/**
 * The options of tritonserver that {@code etalon serve} has no use for: what changes nothing that a
 * client could see is taken and said to have no effect, everything else is refused with what to do
 * instead. They are not in {@code --help}; docs/compatibility.md lists them.
 */
final class TritonOptions implements IModelTransformer {
  private static final SequencedMap<String, Fate> OPTIONS = options();

  /** What becomes of an option. */
  private sealed interface Fate {
    /** Taken, whatever its value. */
    record Idle(String reason) implements Fate {}

    /** Taken with one of these values, which say what is so anyway. */
    record Only(Set<String> values, String remedy) implements Fate {}

    /** Not taken. */
    record Refused(String remedy) implements Fate {}
  }

  private static SequencedMap<String, Fate> options() {
    SequencedMap<String, Fate> options = new LinkedHashMap<>();
    memory(options);
    loading(options);
    network(options);
    return options;
  }

  private static void memory(Map<String, Fate> options) {
    Fate gpus = new Fate.Idle("frameworks manage the memory of GPUs themselves");
    options.put(
        "--pinned-memory-pool-byte-size",
        new Fate.Idle("inputs are gathered straight into each instance's memory"));
    options.put("--cuda-memory-pool-byte-size", gpus);
    options.put("--cuda-virtual-address-size", gpus);
    options.put("--enable-peer-access", new Fate.Idle("no tensor goes from one GPU to another"));
    options.put(
        "--min-supported-compute-capability",
        new Fate.Idle("each framework knows which GPUs it can use ('etalon devices' lists them)"));
    options.put(
        "--buffer-manager-thread-count", new Fate.Idle("each instance gathers its own inputs"));
    options.put(
        "--model-load-gpu-limit",
        new Fate.Refused("place models by instance_group.gpus in their config.pbtxt"));
    options.put("--host-policy", new Fate.Refused("bind the process with numactl or taskset"));
  }

  private static void loading(Map<String, Fate> options) {
    Fate builtIn = new Fate.Idle("all that is served comes with Etalon ('etalon backends list')");
    options.put("--backend-directory", builtIn);
    options.put("--repoagent-directory", builtIn);
    options.put("--cache-directory", builtIn);
    Fate completion =
        new Fate.Idle(
            "what a configuration leaves out is always taken from the model's file, and what"
                + " contradicts the file is refused");
    options.put("--strict-model-config", completion);
    options.put("--disable-auto-complete-config", completion);
    options.put(
        "--model-load-retry-count",
        new Fate.Only(Set.of("0"), "load the model again over HTTP or gRPC, or poll"));
    options.put(
        "--model-namespacing",
        no("give each model a name that it shares with none of another repository"));
  }

  private static void network(Map<String, Fate> options) {
    Fate restricted =
        new Fate.Refused(
            "--access-config says which token allows what, by endpoint and by model"
                + " (docs/security.md)");
    options.put("--http-restricted-api", restricted);
    options.put("--grpc-restricted-protocol", restricted);
    Fate reuse = no("give each server a port of its own");
    options.put("--reuse-http-port", reuse);
    options.put("--reuse-grpc-port", reuse);
    Fate buffers = new Fate.Idle("answers are written straight into the send buffer");
    options.put("--grpc-infer-allocation-pool-size", buffers);
    options.put("--grpc-max-response-pool-size", buffers);
    Fate pings =
        new Fate.Idle(
            "--grpc-http2-min-recv-ping-interval-without-data and"
                + " --grpc-keepalive-permit-without-calls say which pings are too many");
    options.put("--grpc-http2-max-pings-without-data", pings);
    options.put("--grpc-http2-max-ping-strikes", pings);
    Fate clouds = no("clients find the protocol at --http-port and --grpc-port");
    options.put("--allow-sagemaker", clouds);
    options.put("--allow-vertex-ai", clouds);
    Fate unused = new Fate.Idle("SageMaker's and Vertex AI's endpoints are not served");
    for (String name :
        List.of(
            "--sagemaker-port",
            "--sagemaker-safe-port-range",
            "--sagemaker-thread-count",
            "--vertex-ai-port",
            "--vertex-ai-thread-count",
            "--vertex-ai-default-model")) {
      options.put(name, unused);
    }
  }

  private static Fate no(String remedy) {
    return new Fate.Only(Set.of("false", "0"), remedy);
  }

  static Set<String> names() {
    return OPTIONS.sequencedKeySet();
  }

  @Override
  public CommandSpec transform(CommandSpec command) {
    for (String name : OPTIONS.keySet()) {
      command.addOption(
          OptionSpec.builder(name)
              .arity("0..1")
              .fallbackValue("true")
              .type(List.class)
              .auxiliaryTypes(String.class)
              .hidden(true)
              .build());
    }
    return command;
  }

  /**
   * What is to be said of those that were given and have no effect.
   *
   * @throws IllegalArgumentException that names one which is refused
   */
  static List<String> notes(@Nullable CommandSpec command) {
    List<String> notes = new ArrayList<>();
    OPTIONS.forEach((name, fate) -> {
      List<String> values = command == null ? null : command.findOption(name).getValue();
      if (values != null && !values.isEmpty()) {
        notes.add(note(name, values, fate));
      }
    });
    return notes;
  }

  private static String note(String name, List<String> values, Fate fate) {
    return switch (fate) {
      case Fate.Idle(String reason) -> "%s has no effect: %s".formatted(name, reason);
      case Fate.Only(Set<String> taken, String remedy) -> {
        for (String value : values) {
          if (!taken.contains(value.toLowerCase(Locale.ROOT))) {
            throw new IllegalArgumentException(
                "%s: '%s' is not supported (remedy: %s)".formatted(name, value, remedy));
          }
        }
        yield name + ": so it is in any case";
      }
      case Fate.Refused(String remedy) ->
          throw new IllegalArgumentException(
              "%s is not supported (remedy: %s)".formatted(name, remedy));
    };
  }
}
