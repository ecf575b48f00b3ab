package org.etalon.engine.config;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.etalon.engine.backend.Device;
import org.etalon.protocol.proto.ModelConfig;

/**
 * What a configuration must obey as a whole, and what it means where it says nothing. Stateless.
 */
public final class ModelConfigRules {
  private ModelConfigRules() {}

  /**
   * Everything wrong with a configuration as it is written, what could not be read included.
   *
   * @param model the name of the model's folder
   */
  public static List<ConfigFault> check(ParsedConfig parsed, String model) {
    ModelConfig config = parsed.config();
    FaultList faults = new FaultList(parsed);
    if (!config.getName().isEmpty() && !config.getName().equals(model)) {
      faults.add(
          "name", "'%s' (expected: the folder's name, '%s')".formatted(config.getName(), model));
    }
    if (config.getMaxBatchSize() < 0) {
      faults.add("max_batch_size", config.getMaxBatchSize() + " (expected: 0 or more)");
    }
    UnsupportedFeatures.check(config, faults);
    TensorRules.check(config, faults);
    PlacementRules.check(config, faults);
    SchedulingRules.check(config, faults);
    SequenceRules.check(config, faults);
    EnsembleRules.check(config, faults);
    WarmUpRules.check(config, faults);
    AgentRules.check(config, faults);
    WorkerSettings.check(config, faults);
    ReferenceTolerance.check(config, faults);
    PromotionLimits.check(config, faults);
    return inOrder(parsed.faults(), faults.all());
  }

  /**
   * Everything wrong with a configuration that the backend has completed.
   *
   * @param parsed what it was completed from, which says where the fields are written
   */
  public static List<ConfigFault> checkCompleted(ParsedConfig parsed, ModelConfig completed) {
    FaultList faults = new FaultList(parsed);
    TensorRules.check(completed, faults);
    TensorRules.checkCompleted(completed, faults);
    SchedulingRules.check(completed, faults);
    SequenceRules.check(completed, faults);
    WarmUpRules.check(completed, faults);
    WarmUpRules.checkCompleted(completed, faults);
    return faults.all();
  }

  /**
   * The defaults filled in: instance groups with name, kind and count, the version policy.
   *
   * @param devices that the model can run on, the preferred one first
   */
  public static ModelConfig complete(ModelConfig config, List<Device> devices) {
    return ConfigDefaults.complete(config, devices);
  }

  /**
   * How far an output may be from the model's reference, absolutely: the parameter {@code
   * tolerance}, 1e-4 where it is not given.
   */
  public static double referenceTolerance(ModelConfig config) {
    return ReferenceTolerance.of(config);
  }

  private static List<ConfigFault> inOrder(List<ConfigFault> read, List<ConfigFault> checked) {
    List<ConfigFault> all = new ArrayList<>(read);
    all.addAll(checked);
    // Sorting is stable: faults of one place stay in the order in which they were found.
    all.sort(Comparator.comparing(fault -> fault.position().orElse(Position.START)));
    return all;
  }
}
