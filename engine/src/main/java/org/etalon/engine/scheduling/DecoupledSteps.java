package org.etalon.engine.scheduling;

import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.etalon.protocol.proto.ModelConfig;
import org.etalon.protocol.proto.ModelInstanceGroup;
import org.etalon.protocol.proto.ModelRateLimiter;

/** Rules of an ensemble's decoupled steps, and of the steps that take their answers. */
final class DecoupledSteps {
  private final EnsembleGraph graph;
  private final List<ServedVersion> served;
  private final List<String> faults;
  private final int[] levels;

  /** The decoupled steps, by how many are before them. */
  private final Map<Integer, EnsembleGraph.Step> decoupled = new HashMap<>();

  private DecoupledSteps(EnsembleGraph graph, List<ServedVersion> served, List<String> faults) {
    this.graph = graph;
    this.served = served;
    this.faults = faults;
    boolean[] isDecoupled = new boolean[served.size()];
    for (int step = 0; step < isDecoupled.length; step++) {
      isDecoupled[step] = EnsemblePlan.isDecoupled(served.get(step));
    }
    this.levels = graph.levels(isDecoupled);
  }

  /**
   * @param served the version of each step
   * @param isLimited true where instances hold resources while they run
   * @param faults what is wrong is added to
   */
  static void check(
      EnsembleGraph graph,
      List<ServedVersion> served,
      ModelConfig config,
      boolean isLimited,
      List<String> faults) {
    DecoupledSteps steps = new DecoupledSteps(graph, served, faults);
    steps.checkOrder(config);
    steps.checkSequences();
    if (isLimited) {
      steps.checkResources();
    }
  }

  private void checkOrder(ModelConfig config) {
    for (EnsembleGraph.Step step : graph.steps()) {
      if (!EnsemblePlan.isDecoupled(served.get(step.index()))) {
        continue;
      }
      if (!config.getModelTransactionPolicy().getDecoupled()) {
        faults.add(
            "%s: is decoupled, and was not when the ensemble was loaded (remedy: load the ensemble anew)"
                .formatted(step.label()));
      }
      EnsembleGraph.Step other = decoupled.putIfAbsent(levels[step.index()], step);
      if (other != null) {
        faults.add(
            "%s and %s: both are decoupled, and neither is behind the other (expected: one behind the other, since which of their answers go together is not said)"
                .formatted(other.label(), step.label()));
      }
    }
  }

  private void checkSequences() {
    for (EnsembleGraph.Step step : graph.steps()) {
      boolean isBehind = levels[step.index()] > 0;
      if (isBehind && served.get(step.index()).config().hasSequenceBatching()) {
        faults.add(
            "%s: keeps the state of sequences behind a decoupled step, whose answers have no place in one (expected: in front of it)"
                .formatted(step.label()));
      }
    }
  }

  /** A decoupled step that waits until its answers are taken holds its resources meanwhile. */
  private void checkResources() {
    for (EnsembleGraph.Step step : graph.steps()) {
      for (int level = 0; level < levels[step.index()]; level++) {
        EnsembleGraph.Step holder = decoupled.get(level);
        if (holder == null) {
          continue;
        }
        Set<String> both = resources(step);
        both.retainAll(resources(holder));
        for (String name : both) {
          faults.add(
              "%s: needs the resource '%s', which %s, decoupled, holds until all its answers are taken (expected: another resource)"
                  .formatted(step.label(), name, holder.label()));
        }
      }
    }
  }

  private Set<String> resources(EnsembleGraph.Step step) {
    Set<String> names = new HashSet<>();
    for (ModelInstanceGroup group : served.get(step.index()).config().getInstanceGroupList()) {
      for (ModelRateLimiter.Resource resource : group.getRateLimiter().getResourcesList()) {
        names.add(resource.getName());
      }
    }
    return names;
  }
}
