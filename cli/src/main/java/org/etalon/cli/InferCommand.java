package org.etalon.cli;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.etalon.analysis.dataset.DatasetConfig;
import org.etalon.analysis.dataset.DatasetInference;
import org.etalon.engine.Engine;
import org.etalon.inference.ModelId;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code etalon infer}. */
@Command(
    name = "infer",
    description = "Runs a data set through a model: outputs in the order of the inputs.",
    mixinStandardHelpOptions = true)
final class InferCommand implements Callable<Integer> {
  @Spec private @Nullable CommandSpec command;

  @Option(names = "--model", required = true, description = "The model's name.")
  private String model = "";

  @Option(
      names = "--model-version",
      description = "Its version (default: the highest that is ready).")
  private @Nullable Long version;

  @Option(
      names = "--input",
      required = true,
      paramLabel = "[NAME=]FILE",
      description = ".npy, .npz or HDF5; the rows first. Repeat with NAME= for several inputs.")
  private List<String> inputs = new ArrayList<>();

  @Option(
      names = "--output",
      required = true,
      paramLabel = "[NAME=]FILE",
      description = ".npy, .npz or HDF5. Repeat with NAME= for several files.")
  private List<String> outputs = new ArrayList<>();

  @Option(names = "--batch-size", description = "Rows of a request (default: ${DEFAULT-VALUE}).")
  private int batchSize = 8;

  @Option(
      names = "--max-in-flight",
      description = "Requests under way at once (default: ${DEFAULT-VALUE}).")
  private int maxInFlight = 64;

  @Option(names = "--force", description = "Replace output files that exist.")
  private boolean mayReplace;

  @Mixin private ServiceOptions service = new ServiceOptions();

  @Override
  public Integer call() throws IOException {
    ModelId id = version == null ? ModelId.of(model) : ModelId.of(model, version);
    DatasetConfig config =
        WrongUsage.unlessAccepted(
            command,
            () ->
                new DatasetConfig(
                    id, files(inputs), files(outputs), batchSize, maxInFlight, mayReplace));
    try (ServiceOptions.Opened opened = service.open(model);
        ConsoleBar bar = ConsoleBar.open("infer " + model, "rows")) {
      DeviceUse use = new DeviceUse(opened.engine());
      long start = System.nanoTime();
      long rows =
          new DatasetInference(
                  opened.service(), config, (done, total) -> bar.show(done, total, use.toString()))
              .run();
      double seconds = (System.nanoTime() - start) / 1e9;
      bar.close();
      System.err.printf(
          "etalon: %,d rows in %.2f s (%,.0f rows/s)%s%n",
          rows, seconds, rows / seconds, use.summary());
    }
    return 0;
  }

  private static Map<String, Path> files(List<String> arguments) {
    Map<String, Path> files = new LinkedHashMap<>();
    for (String argument : arguments) {
      int equals = argument.indexOf('=');
      String name = equals < 0 ? "" : argument.substring(0, equals);
      if (files.put(name, Path.of(argument.substring(equals + 1))) != null) {
        throw new IllegalArgumentException(
            "%s: given twice (expected: NAME=FILE with another name each)".formatted(argument));
      }
    }
    return files;
  }

  /** The share of time that each device was running batches, since the last look and in all. */
  private static final class DeviceUse {
    private static final long INTERVAL_NANOS = 500_000_000L;

    private final Optional<Engine> engine;
    private final long startNanos = System.nanoTime();
    private final Map<String, Long> atStart = new LinkedHashMap<>();
    private Map<String, Long> last = Map.of();
    private long lastNanos = startNanos;
    private String text = "";

    DeviceUse(Optional<Engine> engine) {
      this.engine = engine;
      engine.ifPresent(here -> atStart.putAll(busy(here)));
      last = atStart;
    }

    @Override
    public String toString() {
      long now = System.nanoTime();
      if (engine.isPresent() && now - lastNanos >= INTERVAL_NANOS) {
        Map<String, Long> busy = busy(engine.get());
        text = shares(last, busy, now - lastNanos);
        last = busy;
        lastNanos = now;
      }
      return text;
    }

    String summary() {
      return engine
          .map(here -> ", " + shares(atStart, busy(here), System.nanoTime() - startNanos))
          .orElse("");
    }

    private static Map<String, Long> busy(Engine engine) {
      Map<String, Long> busy = new LinkedHashMap<>();
      engine
          .instances()
          .forEach(instance ->
              busy.merge(instance.device().toString(), instance.busyNanos(), Long::sum));
      return busy;
    }

    private static String shares(Map<String, Long> from, Map<String, Long> to, long nanos) {
      List<String> shares = new ArrayList<>();
      to.forEach((device, busy) ->
          shares.add(
              "%s %.0f %%"
                  .formatted(device, 100.0 * (busy - from.getOrDefault(device, 0L)) / nanos)));
      return String.join(", ", shares);
    }
  }
}
