package org.etalon.cli;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.etalon.analysis.dataset.DatasetConfig;
import org.etalon.analysis.dataset.DatasetInference;
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
      DeviceUse use = DeviceUse.of(opened.engine());
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
}
