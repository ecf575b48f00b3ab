package org.etalon.engine.backend;

import java.util.List;
import java.util.Set;
import org.etalon.inference.InferenceService;
import org.etalon.protocol.proto.ModelConfig;

/** Runs the models of one framework. Thread-safe; found with {@link java.util.ServiceLoader}. */
public interface Backend extends AutoCloseable {
  /**
   * The {@code backend} field of a configuration that selects this one, such as {@code
   * onnxruntime}.
   */
  String name();

  /** The {@code platform} names that select it too, such as {@code onnxruntime_onnx}. */
  Set<String> platforms();

  /**
   * The file names that a version directory may hold for this backend, best first, such as {@code
   * model.onnx}: with no {@code config.pbtxt}, one of them selects the backend.
   */
  List<String> defaultFilenames();

  /** The devices that models can run on here, the processor first. */
  List<Device> devices();

  /**
   * Does ahead what the first model would have to wait for, where that is worth it. May be called
   * by any thread, also while models load; reports nothing, since whatever fails here fails again
   * where it is needed.
   */
  default void prepare() {}

  /**
   * True if a model's files are code that runs with the rights of the service: they are taken from
   * a repository, never from a client.
   */
  default boolean runsCode() {
    return false;
  }

  /**
   * Gives the service's models, for a model that asks others while it runs. Called once, before any
   * is loaded.
   */
  default void connect(InferenceService models) {}

  /**
   * Loads one version of a model.
   *
   * <p>The engine sets {@code name} and {@code backend} in the configuration; without a {@code
   * config.pbtxt} it says no more. {@code max_batch_size} is the engine's to decide: where the
   * configuration has 0 for it and describes neither inputs nor outputs, and every input and output
   * of the file has a free first dimension, {@link BackendModel#config} answers 1 and dims without
   * that dimension, and the engine puts its own default in place of the 1. In every other case the
   * backend leaves {@code max_batch_size} as it was given. Instances therefore meet batches of any
   * number of rows and size nothing by {@code max_batch_size}.
   *
   * @param files the version's directory
   * @param config as the repository has it, possibly saying next to nothing
   * @throws org.etalon.inference.ServingException INVALID_ARGUMENT if the files are not a model of
   *     this framework or contradict the configuration; the message names file, tensor and remedy
   */
  BackendModel load(ModelFiles files, ModelConfig config);

  @Override
  default void close() {}
}
