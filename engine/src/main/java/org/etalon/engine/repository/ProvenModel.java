package org.etalon.engine.repository;

import org.etalon.engine.backend.BackendModel;
import org.etalon.engine.backend.Device;
import org.etalon.engine.backend.ModelFiles;
import org.etalon.engine.backend.ModelInstance;
import org.etalon.engine.backend.OutputMemory;
import org.etalon.engine.scheduling.SequenceTensors;
import org.etalon.engine.scheduling.TrialRun;
import org.etalon.inference.ServingException;
import org.etalon.protocol.proto.ModelConfig;

/**
 * A model whose instances have each answered the configured warm-up requests, and the model's
 * reference rightly, before anyone else may use them: on the device and the thread that they will
 * run on, and outside the statistics. Of a model that runs inline only the first instance is tried.
 */
final class ProvenModel implements BackendModel {
  private final BackendModel model;
  private final ModelConfig config;
  private final WarmUp warmUp;
  private final ReferenceCheck reference;

  /** True once an instance has passed; those of an inline model are as many as its sequences. */
  private volatile boolean isProven;

  /**
   * @param model owned by the new model once that is made
   * @param config completed
   * @param sequences what they add to the model's inputs: each row of a trial is one of its own
   */
  ProvenModel(BackendModel model, ModelConfig config, ModelFiles files, SequenceTensors sequences) {
    this.model = model;
    this.config = config;
    TrialRun run = new TrialRun(files.model(), files.version(), config, sequences);
    this.warmUp = new WarmUp(config, files, run);
    this.reference = new ReferenceCheck(config, files, run);
  }

  @Override
  public ModelConfig config() {
    return config;
  }

  @Override
  public boolean runsInline() {
    return model.runsInline();
  }

  @Override
  public boolean canBeDecoupled() {
    return model.canBeDecoupled();
  }

  /**
   * @throws ServingException also if a warm-up fails, or an output is not the reference's
   */
  @Override
  public ModelInstance newInstance(Device device) {
    ModelInstance instance = model.newInstance(device);
    boolean isDecoupled = config.getModelTransactionPolicy().getDecoupled();
    if (isDecoupled || (isProven && runsInline())) {
      return instance; // a decoupled model's answers follow no reference
    }
    try (OutputMemory.Pool outputs = new OutputMemory.Pool()) {
      warmUp.run(instance, outputs);
      reference.run(instance, outputs);
    } catch (RuntimeException | Error e) {
      instance.close();
      throw e;
    }
    isProven = true;
    return instance;
  }

  @Override
  public void close() {
    model.close();
  }
}
