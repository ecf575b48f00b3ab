package org.etalon.engine.backend;

import java.util.List;
import java.util.Set;
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
   * Loads one version of a model.
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
