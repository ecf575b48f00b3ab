package org.etalon.cli;

import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.Callable;
import org.etalon.conversion.caffe2.Caffe2Import;
import org.etalon.conversion.onnx.OnnxInput;
import org.etalon.conversion.onnx.OnnxModel;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code etalon models import}. */
@Command(
    name = "import",
    description = {
      "Writes a network of Caffe2 (init_net.pb, predict_net.pb) as a model folder with ONNX in it.",
      "The folder is new, and can be served or checked with etalon models validate as it is."
    },
    mixinStandardHelpOptions = true)
final class ModelsImportCommand implements Callable<Integer> {
  /** Frameworks that networks come from. */
  enum Framework {
    caffe2
  }

  @Spec private @Nullable CommandSpec command;

  @Option(
      names = "--from",
      required = true,
      description = "The framework that it was written in: ${COMPLETION-CANDIDATES}.")
  private Framework framework = Framework.caffe2;

  @Parameters(index = "0", paramLabel = "INIT_NET", description = "The weights: init_net.pb.")
  private Path init = Path.of("");

  @Parameters(index = "1", paramLabel = "PREDICT_NET", description = "The network: predict_net.pb.")
  private Path predict = Path.of("");

  @Parameters(
      index = "2",
      paramLabel = "FOLDER",
      description = "The model folder to write; its name is that of the model.")
  private Path folder = Path.of("");

  @Option(
      names = "--input",
      paramLabel = "NAME=DIMS",
      description =
          "What requests bring, with its extents, the batch among them: data=-1,3,224,224 or, if it is not FP32, lengths=INT32:-1. -1: any extent; for all inputs first: the model batches. Given for each input.")
  private Map<String, String> inputs = new LinkedHashMap<>();

  @Override
  public Integer call() throws IOException {
    Map<String, OnnxInput> parsed = new LinkedHashMap<>();
    inputs.forEach((name, dims) ->
        parsed.put(name, WrongUsage.unlessAccepted(command, () -> input(name, dims))));
    OnnxModel model =
        switch (framework) {
          case caffe2 -> Caffe2Import.convert(init, predict, parsed);
        };
    model.write(folder);
    System.out.println(
        "%s: ONNX with inputs %s%s"
            .formatted(
                folder,
                model.inputs().keySet(),
                model.isBatched() ? ", batched" : ", not batched"));
    return 0;
  }

  private static OnnxInput input(String name, String dims) {
    try {
      return OnnxInput.parse(dims);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException("--input %s: %s".formatted(name, e.getMessage()), e);
    }
  }
}
