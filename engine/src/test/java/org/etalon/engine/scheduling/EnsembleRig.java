package org.etalon.engine.scheduling;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.etalon.engine.request.InferenceCall;
import org.etalon.engine.request.RequestTrace;
import org.etalon.engine.request.ResponseHandler;
import org.etalon.inference.ErrorCode;
import org.etalon.inference.InferenceRequest;
import org.etalon.inference.InferenceResponse;
import org.etalon.inference.ModelId;
import org.etalon.inference.ServingException;
import org.etalon.inference.Shape;
import org.etalon.inference.Tensor;
import org.etalon.protocol.proto.DataType;
import org.etalon.protocol.proto.ModelConfig;
import org.etalon.protocol.proto.ModelEnsembling.Step;
import org.etalon.protocol.proto.ModelInput;
import org.etalon.protocol.proto.ModelOutput;
import org.etalon.protocol.proto.ModelSequenceBatching;
import org.jspecify.annotations.Nullable;

/** Ensembles of members that answer when and how a test says. */
abstract class EnsembleRig {
  final Map<String, ManualMember> members = new HashMap<>();
  final Map<String, VersionGate> gates = new HashMap<>();

  ManualMember member(String name, boolean isStateful, List<String> in, List<String> out) {
    ModelConfig.Builder config = config(name, in, out);
    if (isStateful) {
      config.setSequenceBatching(ModelSequenceBatching.getDefaultInstance());
    }
    ManualMember member = new ManualMember(config.build());
    members.put(name, member);
    gates.put(name, new VersionGate(member, ""));
    return member;
  }

  static ModelConfig.Builder config(String name, List<String> in, List<String> out) {
    ModelConfig.Builder config = ModelConfig.newBuilder().setName(name).setMaxBatchSize(4);
    in.forEach(input ->
        config.addInput(
            ModelInput.newBuilder().setName(input).setDataType(DataType.TYPE_FP32).addDims(1)));
    out.forEach(output ->
        config.addOutput(
            ModelOutput.newBuilder().setName(output).setDataType(DataType.TYPE_FP32).addDims(1)));
    return config;
  }

  static Step step(String model, Map<String, String> inputs, Map<String, String> outputs) {
    return Step.newBuilder()
        .setModelName(model)
        .setModelVersion(-1)
        .putAllInputMap(inputs)
        .putAllOutputMap(outputs)
        .build();
  }

  ServedVersion open(List<String> in, List<String> out, Step... steps) {
    ModelConfig.Builder config = config("e", in, out);
    for (Step step : steps) {
      config.getEnsembleSchedulingBuilder().addStep(step);
    }
    return ServedVersion.openEnsemble(
        "e", 1, config.build(), this::gate, Map.of(), SharedServices.standard());
  }

  VersionGate gate(ModelId model) {
    VersionGate gate = gates.get(model.name());
    if (gate == null) {
      throw ServingException.notFound("no model '%s'".formatted(model.name()));
    }
    return gate;
  }

  static InferenceRequest.Builder x(float value) {
    return InferenceRequest.to(ModelId.of("e"))
        .input(Tensor.of("x", Shape.of(1, 1), new float[] {value}));
  }

  Answer ask(ServedVersion ensemble, InferenceRequest request) {
    Answer answer = new Answer();
    answer.call = ensemble.submit(request, answer);
    return answer;
  }

  ManualMember member(String name) {
    return Objects.requireNonNull(members.get(name));
  }

  ManualMember.Asked asked(String model, int index) {
    return member(model).asked.get(index);
  }

  int openResponses() {
    return members.values().stream().mapToInt(member -> member.openResponses.get()).sum();
  }

  /** What an asker was told. */
  static class Answer implements ResponseHandler {
    final List<String> errors = new ArrayList<>();
    final List<ErrorCode> codes = new ArrayList<>();
    final List<InferenceResponse> responses = new ArrayList<>();
    final @Nullable RequestTrace trace;
    InferenceCall call = () -> {};

    /** How many answers it has had that were the last. */
    int ends;

    boolean isReady = true;

    Answer() {
      this(null);
    }

    Answer(@Nullable RequestTrace trace) {
      this.trace = trace;
    }

    @Override
    public @Nullable RequestTrace trace() {
      return trace;
    }

    @Override
    public boolean isReady() {
      return isReady;
    }

    InferenceResponse response() {
      return responses.getFirst();
    }

    List<Float> values() {
      return responses.stream()
          .flatMap(given -> given.outputs().stream())
          .map(output -> output.toFloats()[0])
          .toList();
    }

    @Override
    public void onResponse(InferenceResponse given, boolean isLast) {
      assertThat(ends).isZero();
      ends += isLast ? 1 : 0;
      responses.add(given);
    }

    @Override
    public void onError(ServingException error) {
      assertThat(ends + errors.size()).isZero();
      errors.add(error.getMessage());
      codes.add(error.code());
    }
  }
}
