package org.etalon.engine.scheduling;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.etalon.inference.ServingException;
import org.etalon.protocol.proto.ModelConfig;

/**
 * An ensemble's graph bound to the versions that serve its steps now. Immutable.
 *
 * <p>A request keeps to one plan, so that no request sees two versions of a model: it enters the
 * versions' gates before its first step and leaves them after its last, and a version that is
 * replaced ends when the requests that entered it have left.
 */
final class EnsemblePlan {
  private final EnsembleGraph graph;
  private final List<VersionGate> gates;
  private final boolean[] isStateful;
  private final boolean[] isDecoupled;
  private final int[] levels;

  private EnsemblePlan(EnsembleGraph graph, List<VersionGate> gates) {
    this.graph = graph;
    this.gates = List.copyOf(gates);
    this.isStateful = new boolean[gates.size()];
    this.isDecoupled = new boolean[gates.size()];
    for (int i = 0; i < isStateful.length; i++) {
      isStateful[i] = isStateful(gates.get(i).served());
      isDecoupled[i] = isDecoupled(gates.get(i).served());
    }
    this.levels = graph.levels(isDecoupled);
  }

  /** An ensemble counts as one that keeps state, since its own members may. */
  private static boolean isStateful(ServedVersion served) {
    return served.config().hasSequenceBatching() || served.config().hasEnsembleScheduling();
  }

  /** An ensemble with a decoupled member is decoupled. */
  static ModelConfig completed(ModelConfig config, EnsembleMembers members) {
    boolean isDecoupled = false;
    for (EnsembleGraph.Step step : EnsembleGraph.of(config).steps()) {
      try {
        isDecoupled |= isDecoupled(members.gate(step.model()).served());
      } catch (ServingException e) {
        return config; // a plan says what is missing
      }
    }
    ModelConfig.Builder completed = config.toBuilder();
    completed.getModelTransactionPolicyBuilder().setDecoupled(true);
    return isDecoupled ? completed.build() : config;
  }

  static boolean isDecoupled(ServedVersion served) {
    return served.config().getModelTransactionPolicy().getDecoupled();
  }

  /**
   * Looks up the version of each step.
   *
   * @param last the plan before, returned again if nothing has changed since
   * @throws ServingException UNAVAILABLE with every step whose model is not ready, or
   *     INVALID_ARGUMENT with everything that does not fit
   */
  static EnsemblePlan of(
      EnsembleGraph graph,
      EnsembleTensorRules rules,
      EnsembleMembers members,
      Optional<EnsemblePlan> last) {
    List<VersionGate> gates = new ArrayList<>(graph.steps().size());
    List<String> missing = new ArrayList<>(0);
    for (EnsembleGraph.Step step : graph.steps()) {
      try {
        gates.add(members.gate(step.model()));
      } catch (ServingException e) {
        missing.add("%s: %s".formatted(step.label(), e.getMessage()));
      }
    }
    if (!missing.isEmpty()) {
      throw ServingException.unavailable(
          "ensemble '%s' is not available: %s (remedy: load what is missing)"
              .formatted(graph.name(), String.join("; ", missing)));
    }
    if (last.isPresent() && last.get().gates.equals(gates)) {
      return last.get();
    }
    rules.check(graph, gates.stream().map(VersionGate::served).toList());
    return new EnsemblePlan(graph, gates);
  }

  /** True if all versions take a request now; {@link #leave} when it is answered. */
  boolean tryEnter() {
    for (int i = 0; i < gates.size(); i++) {
      if (!gates.get(i).tryEnter()) {
        leave(i);
        return false;
      }
    }
    return true;
  }

  void leave() {
    leave(gates.size());
  }

  private void leave(int count) {
    for (int i = 0; i < count; i++) {
      gates.get(i).leave();
    }
  }

  EnsembleGraph graph() {
    return graph;
  }

  ServedVersion served(int step) {
    return gates.get(step).served();
  }

  /** True if the step's model answers any number of times. */
  boolean isDecoupled(int step) {
    return isDecoupled[step];
  }

  /**
   * Behind how many decoupled steps a step is: it runs once for each answer of the last of them.
   */
  int level(int step) {
    return levels[step];
  }

  /** True if the step's model keeps state between the requests of a sequence. */
  boolean isStateful(int step) {
    return isStateful[step];
  }
}
