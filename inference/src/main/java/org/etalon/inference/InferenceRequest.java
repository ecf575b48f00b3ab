package org.etalon.inference;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * One question to a model. Immutable, but for the memory that its tensors borrow.
 *
 * <p>Whoever asks lends the inputs' memory: it must stay valid and unchanged until the answer,
 * result or error, has come.
 *
 * @param model the model asked
 * @param id the asker's name for this request, echoed in the response and in errors
 * @param inputs the input tensors, in any order
 * @param outputs the outputs wanted; none named: all
 * @param parameters all parameters but those that have a field of their own here
 * @param sequence the request's place in a sequence
 * @param priority 1 (highest) to the model's number of levels; empty: the model's default
 * @param queueTimeout how long it may wait for an instance; empty: the model's default
 */
public record InferenceRequest(
    ModelId model,
    Optional<String> id,
    List<Tensor> inputs,
    List<RequestedOutput> outputs,
    Map<String, Parameter> parameters,
    Optional<Sequence> sequence,
    OptionalLong priority,
    Optional<Duration> queueTimeout) {
  public InferenceRequest {
    inputs = List.copyOf(inputs);
    outputs = List.copyOf(outputs);
    parameters = Map.copyOf(parameters);
  }

  /** A request of these inputs for all outputs. */
  public static InferenceRequest of(ModelId model, Tensor... inputs) {
    return to(model).inputs(List.of(inputs)).build();
  }

  public static Builder to(ModelId model) {
    return new Builder(model);
  }

  /** Collects a request's optional parts. Owned by one thread. */
  public static final class Builder {
    private final ModelId model;
    private Optional<String> id = Optional.empty();
    private final List<Tensor> inputs = new ArrayList<>(1);
    private final List<RequestedOutput> outputs = new ArrayList<>(0);
    private Map<String, Parameter> parameters = Map.of();
    private Optional<Sequence> sequence = Optional.empty();
    private OptionalLong priority = OptionalLong.empty();
    private Optional<Duration> queueTimeout = Optional.empty();

    private Builder(ModelId model) {
      this.model = model;
    }

    public Builder id(String value) {
      id = Optional.of(value);
      return this;
    }

    public Builder input(Tensor tensor) {
      inputs.add(tensor);
      return this;
    }

    public Builder inputs(List<Tensor> tensors) {
      inputs.addAll(tensors);
      return this;
    }

    public Builder output(RequestedOutput output) {
      outputs.add(output);
      return this;
    }

    public Builder parameters(Map<String, Parameter> values) {
      parameters = values;
      return this;
    }

    public Builder sequence(Sequence value) {
      sequence = Optional.of(value);
      return this;
    }

    public Builder priority(long level) {
      priority = OptionalLong.of(level);
      return this;
    }

    public Builder queueTimeout(Duration value) {
      queueTimeout = Optional.of(value);
      return this;
    }

    public InferenceRequest build() {
      return new InferenceRequest(
          model, id, inputs, outputs, parameters, sequence, priority, queueTimeout);
    }
  }
}
