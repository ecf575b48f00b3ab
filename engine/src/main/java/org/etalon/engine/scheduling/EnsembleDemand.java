package org.etalon.engine.scheduling;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.etalon.inference.InferenceRequest;
import org.etalon.inference.RequestedOutput;
import org.etalon.inference.Sequence;
import org.etalon.inference.Tensor;

/** What one request wants of an ensemble: which steps run, and who reads what. Immutable. */
final class EnsembleDemand {
  private final EnsemblePlan plan;
  private final EnsembleGraph graph;
  private final PendingRequest request;
  private final boolean[] isNeeded;
  private final int answerLevel;

  /**
   * @param isInSequence true if it reaches all that keeps the state of its sequence, whatever
   *     outputs are asked for
   */
  EnsembleDemand(EnsemblePlan plan, PendingRequest request, boolean isInSequence) {
    this.plan = plan;
    this.graph = plan.graph();
    this.request = request;
    this.isNeeded =
        graph.needed(
            IntStream.range(0, request.outputCount())
                .map(n -> graph.outputTensor(request.output(n))));
    int decoupled = 0;
    for (int step = 0; step < isNeeded.length; step++) {
      if (isInSequence && plan.isStateful(step) && plan.level(step) == 0) {
        graph.need(step, isNeeded);
      }
    }
    for (int step = 0; step < isNeeded.length; step++) {
      decoupled += isNeeded[step] && plan.isDecoupled(step) ? 1 : 0;
    }
    this.answerLevel = decoupled;
  }

  EnsemblePlan plan() {
    return plan;
  }

  PendingRequest request() {
    return request;
  }

  /** True if the step runs, in each scope of that level. */
  boolean runs(EnsembleGraph.Step step, int level) {
    return isNeeded[step.index()] && plan.level(step.index()) == level;
  }

  /** The level of the scopes that each give an answer. */
  int answerLevel() {
    return answerLevel;
  }

  /** True if a step's response outlives the last step of its scope that reads it. */
  boolean isKept(int step) {
    for (int n = 0; n < request.outputCount(); n++) {
      if (graph.producer(graph.outputTensor(request.output(n))) == step) {
        return true;
      }
    }
    if (answerLevel == 0) {
      return false;
    }
    int level = plan.level(step) + (plan.isDecoupled(step) ? 1 : 0);
    for (EnsembleGraph.Step reader : graph.steps()) {
      if (isNeeded[reader.index()] && plan.level(reader.index()) > level) {
        for (int source : graph.sources(reader.index())) {
          if (source == step) {
            return true;
          }
        }
      }
    }
    return false;
  }

  /** The request to a step, given its inputs; only steps that run once are part of a sequence. */
  InferenceRequest requestTo(EnsembleGraph.Step step, List<Tensor> inputs) {
    InferenceRequest asked = request.request();
    Optional<Sequence> sequence =
        plan.level(step.index()) == 0 ? asked.sequence() : Optional.empty();
    return new InferenceRequest(
        step.model(),
        asked.id(),
        inputs,
        outputsOf(step),
        asked.parameters(),
        sequence,
        asked.priority(),
        asked.queueTimeout());
  }

  /** The outputs that someone reads; one at least, since to name none means all. */
  private List<RequestedOutput> outputsOf(EnsembleGraph.Step step) {
    List<RequestedOutput> outputs = new ArrayList<>(step.outputs().size());
    for (EnsembleGraph.Wire wire : step.outputs()) {
      if (isRead(wire.tensor())) {
        outputs.add(RequestedOutput.of(wire.name()));
      }
    }
    return outputs.isEmpty()
        ? List.of(RequestedOutput.of(step.outputs().getFirst().name()))
        : outputs;
  }

  private boolean isRead(int tensor) {
    for (int n = 0; n < request.outputCount(); n++) {
      if (graph.outputTensor(request.output(n)) == tensor) {
        return true;
      }
    }
    for (EnsembleGraph.Step step : graph.steps()) {
      if (isNeeded[step.index()]
          && step.inputs().stream().anyMatch(wire -> wire.tensor() == tensor)) {
        return true;
      }
    }
    return false;
  }
}
