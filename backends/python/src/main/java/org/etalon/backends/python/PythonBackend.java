package org.etalon.backends.python;

import java.io.File;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.etalon.engine.backend.Backend;
import org.etalon.engine.backend.BackendModel;
import org.etalon.engine.backend.Device;
import org.etalon.engine.backend.ModelFiles;
import org.etalon.engine.config.WorkerSettings;
import org.etalon.engine.worker.ApartBackend;
import org.etalon.engine.worker.WorkerCommand;
import org.etalon.inference.InferenceService;
import org.etalon.inference.ServingException;
import org.etalon.protocol.proto.ModelConfig;

/** Runs models written in Python. Thread-safe. */
public final class PythonBackend implements Backend {
  /** Names the interpreter where a model names no environment of its own; default: python3. */
  public static final String INTERPRETER_VARIABLE = "ETALON_PYTHON";

  /** A virtual environment's folder, by the name that Triton gives the parameter. */
  private static final String ENVIRONMENT = "EXECUTION_ENV_PATH";

  private static final String MODEL_DIRECTORY = "$$TRITON_MODEL_DIRECTORY";
  private static final String SEARCHED = "PYTHONPATH";

  private Optional<InferenceService> models = Optional.empty();

  @Override
  public String name() {
    return "python";
  }

  @Override
  public Set<String> platforms() {
    return Set.of();
  }

  @Override
  public List<String> defaultFilenames() {
    return List.of("model.py");
  }

  /** The processor; what else a model may use its worker tells. */
  @Override
  public List<Device> devices() {
    return List.of(Device.CPU);
  }

  @Override
  public boolean runsCode() {
    return true;
  }

  @Override
  public void connect(InferenceService others) {
    models = Optional.of(others);
  }

  @Override
  public BackendModel load(ModelFiles files, ModelConfig config) {
    if (config.hasSequenceBatching() && config.getSequenceBatching().getStateCount() == 0) {
      throw ServingException.invalid(
          "model '%s': sequence_batching: a process that ends would take the sequences' states with it (expected: sequence_batching.state, which the service keeps)"
              .formatted(files.model()));
    }
    WorkerCommand command =
        new WorkerCommand(
            List.of(interpreter(files, config), "-u", "-m", "etalon_worker"), environment(), true);
    return new ApartBackend(this, command, WorkerSettings.of(config), models).load(files, config);
  }

  private static String interpreter(ModelFiles files, ModelConfig config) {
    String given =
        config
            .getParametersOrDefault(
                ENVIRONMENT, org.etalon.protocol.proto.ModelParameter.getDefaultInstance())
            .getStringValue();
    if (given.isEmpty()) {
      return Optional.ofNullable(System.getenv(INTERPRETER_VARIABLE)).orElse("python3");
    }
    Path folder = Path.of(given.replace(MODEL_DIRECTORY, files.modelDirectory().toString()));
    Path interpreter = folder.resolve("bin").resolve("python");
    if (!Files.isExecutable(interpreter)) {
      throw ServingException.invalid(
          "model '%s': parameter %s: there is no %s (expected: the folder of a virtual environment, unpacked)"
              .formatted(files.model(), ENVIRONMENT, interpreter));
    }
    return interpreter.toString();
  }

  /** With the worker's modules, which Python reads where they are: in a folder or in the jar. */
  private static Map<String, String> environment() {
    Path home;
    try {
      home =
          Path.of(PythonBackend.class.getProtectionDomain().getCodeSource().getLocation().toURI());
    } catch (URISyntaxException e) {
      throw new IllegalStateException(e);
    }
    String modules = home.resolve("org/etalon/backends/python").toString();
    Map<String, String> variables = new HashMap<>();
    String searched = System.getenv(SEARCHED);
    variables.put(SEARCHED, searched == null ? modules : modules + File.pathSeparator + searched);
    variables.put("PYTHONDONTWRITEBYTECODE", "1");
    return variables;
  }
}
