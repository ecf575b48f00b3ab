package org.etalon.inference;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * A model's answer. Thread-safe.
 *
 * <p>The outputs' memory belongs to the service that answered and is lent until {@link #close}:
 * read or {@linkplain Tensor#copy copy} it, then close. A response never closed keeps its memory
 * from being used again.
 */
public final class InferenceResponse implements AutoCloseable {
  private final String modelName;
  private final long modelVersion;
  private final Optional<String> id;
  private final List<Tensor> outputs;
  private final Map<String, Parameter> parameters;
  private final Runnable release;
  private final AtomicBoolean isClosed = new AtomicBoolean();

  /**
   * @param modelVersion the version that answered
   * @param id the request's id
   * @param release gives the outputs' memory back; run once
   */
  public InferenceResponse(
      String modelName,
      long modelVersion,
      Optional<String> id,
      List<Tensor> outputs,
      Map<String, Parameter> parameters,
      Runnable release) {
    this.modelName = modelName;
    this.modelVersion = modelVersion;
    this.id = id;
    this.outputs = List.copyOf(outputs);
    this.parameters = Map.copyOf(parameters);
    this.release = release;
  }

  /** A response whose memory nobody has to give back. */
  public static InferenceResponse of(
      String modelName, long modelVersion, Optional<String> id, List<Tensor> outputs) {
    return new InferenceResponse(modelName, modelVersion, id, outputs, Map.of(), () -> {});
  }

  public String modelName() {
    return modelName;
  }

  public long modelVersion() {
    return modelVersion;
  }

  public Optional<String> id() {
    return id;
  }

  /** In the order asked for, or of the model's configuration where none were named. */
  public List<Tensor> outputs() {
    return outputs;
  }

  public Map<String, Parameter> parameters() {
    return parameters;
  }

  /**
   * The output of that name.
   *
   * @throws IllegalArgumentException if the response has none of that name
   */
  public Tensor output(String name) {
    for (Tensor output : outputs) {
      if (output.name().equals(name)) {
        return output;
      }
    }
    throw new IllegalArgumentException(
        "output: '%s' (expected: one of %s)"
            .formatted(name, outputs.stream().map(Tensor::name).toList()));
  }

  /** Gives the outputs' memory back; a second call does nothing. */
  @Override
  public void close() {
    if (isClosed.compareAndSet(false, true)) {
      release.run();
    }
  }
}
