package org.etalon.backends.streaming;

import java.util.List;
import org.etalon.inference.ServingException;
import org.etalon.protocol.proto.DataType;
import org.etalon.protocol.proto.ModelConfig;
import org.etalon.protocol.proto.ModelInput;
import org.etalon.protocol.proto.ModelOutput;
import org.etalon.protocol.proto.ModelParameter;
import org.etalon.protocol.proto.ModelSequenceBatching;
import org.etalon.protocol.proto.ModelSequenceBatching.Control;

/** Completes the configuration of an operator with what goes without saying. */
final class ConfigCompletion {
  static final String MEMORY = "stream_memory_samples";
  static final String ALIGNMENT = "stream_alignment_samples";
  static final String LATENCY = "stream_latency_samples";
  static final String INPUT_PER_OUTPUT = "stream_input_per_output";

  /** The control that tells the stream's end. */
  static final String END = "END";

  /** Live streams pause longer than the second that is the protocol's default. */
  private static final long IDLE_MICROSECONDS = 120_000_000;

  private ConfigCompletion() {}

  /**
   * @throws ServingException INVALID_ARGUMENT if the configuration says otherwise
   */
  static ModelConfig complete(String model, ModelConfig config, Operator.Signature signature) {
    if (config.getMaxBatchSize() != 0) {
      throw refused(
          model,
          "max_batch_size: %d (expected: 0, one request is one update of one stream)"
              .formatted(config.getMaxBatchSize()));
    }
    ModelConfig.Builder complete = config.toBuilder();
    completeInputs(model, complete, signature.inputs());
    completeOutput(model, complete, signature.output());
    completeSequences(model, complete);
    put(complete, MEMORY, signature.memorySamples());
    put(complete, ALIGNMENT, signature.alignmentSamples());
    put(complete, LATENCY, signature.latencySamples());
    put(complete, INPUT_PER_OUTPUT, signature.inputPerOutput());
    return complete.build();
  }

  private static void completeInputs(
      String model, ModelConfig.Builder config, List<Operator.TensorSpec> specs) {
    if (config.getInputCount() != 0 && config.getInputCount() != specs.size()) {
      throw refused(model, "%d inputs (expected: %s)".formatted(config.getInputCount(), specs));
    }
    for (int i = 0; i < specs.size(); i++) {
      Operator.TensorSpec spec = specs.get(i);
      ModelInput.Builder input =
          i < config.getInputCount() ? config.getInputBuilder(i) : config.addInputBuilder();
      check(model, "input", i, input.getDataType(), input.getDimsList(), spec);
      if (input.getName().isEmpty()) {
        input.setName(spec.name());
      }
      input.setDataType(spec.datatype()).clearDims().addAllDims(spec.dims());
    }
  }

  private static void completeOutput(
      String model, ModelConfig.Builder config, Operator.TensorSpec spec) {
    if (config.getOutputCount() > 1) {
      throw refused(model, "%d outputs (expected: %s)".formatted(config.getOutputCount(), spec));
    }
    ModelOutput.Builder output =
        config.getOutputCount() == 1 ? config.getOutputBuilder(0) : config.addOutputBuilder();
    check(model, "output", 0, output.getDataType(), output.getDimsList(), spec);
    if (output.getName().isEmpty()) {
      output.setName(spec.name());
    }
    output.setDataType(spec.datatype()).clearDims().addAllDims(spec.dims());
  }

  private static void check(
      String model,
      String kind,
      int index,
      DataType datatype,
      List<Long> dims,
      Operator.TensorSpec spec) {
    boolean isOther =
        (datatype != DataType.TYPE_INVALID && datatype != spec.datatype())
            || (!dims.isEmpty() && !agree(dims, spec.dims()));
    if (isOther) {
      throw refused(
          model,
          "%s[%d]: %s %s (expected: %s %s, which the operator's parameters ask for)"
              .formatted(kind, index, datatype, dims, spec.datatype(), spec.dims()));
    }
  }

  /** True if they are the same but for some that the configuration leaves open. */
  private static boolean agree(List<Long> given, List<Long> own) {
    boolean agree = given.size() == own.size();
    for (int i = 0; agree && i < given.size(); i++) {
      agree = given.get(i).equals(own.get(i)) || given.get(i) == -1;
    }
    return agree;
  }

  private static void completeSequences(String model, ModelConfig.Builder config) {
    if (config.hasDynamicBatching()) {
      throw refused(model, "dynamic_batching (expected: sequence_batching, or nothing)");
    }
    ModelSequenceBatching.Builder batching = config.getSequenceBatchingBuilder();
    if (batching.getMaxSequenceIdleMicroseconds() == 0) {
      batching.setMaxSequenceIdleMicroseconds(IDLE_MICROSECONDS);
    }
    boolean tellsEnd =
        batching.getControlInputList().stream()
            .flatMap(input -> input.getControlList().stream())
            .anyMatch(control -> control.getKind() == Control.Kind.CONTROL_SEQUENCE_END);
    if (!tellsEnd) {
      batching
          .addControlInputBuilder()
          .setName(END)
          .addControlBuilder()
          .setKind(Control.Kind.CONTROL_SEQUENCE_END)
          .addBoolFalseTrue(false)
          .addBoolFalseTrue(true);
    }
  }

  private static void put(ModelConfig.Builder config, String key, int value) {
    config.putParameters(
        key, ModelParameter.newBuilder().setStringValue(Integer.toString(value)).build());
  }

  private static ServingException refused(String model, String why) {
    return ServingException.invalid("model '%s', backend 'streaming': %s".formatted(model, why));
  }
}
