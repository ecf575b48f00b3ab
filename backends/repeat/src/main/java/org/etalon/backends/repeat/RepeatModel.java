package org.etalon.backends.repeat;

import java.util.concurrent.ScheduledThreadPoolExecutor;
import org.etalon.engine.backend.BackendModel;
import org.etalon.engine.backend.Device;
import org.etalon.engine.backend.ModelInstance;
import org.etalon.protocol.proto.ModelConfig;

/** A loaded model: one thread of its own gives the answers of all instances. Thread-safe. */
final class RepeatModel implements BackendModel {
  private final ModelConfig config;
  private final ScheduledThreadPoolExecutor clock;

  RepeatModel(ModelConfig config) {
    this.config = config;
    this.clock =
        new ScheduledThreadPoolExecutor(
            1,
            task ->
                Thread.ofPlatform().name("etalon-" + config.getName()).daemon().unstarted(task));
    clock.setRemoveOnCancelPolicy(true);
  }

  @Override
  public ModelConfig config() {
    return config;
  }

  @Override
  public boolean canBeDecoupled() {
    return true;
  }

  @Override
  public ModelInstance newInstance(Device device) {
    return new RepeatInstance(clock);
  }

  /** Requests given up before end on the clock's thread, which therefore finishes what it has. */
  @Override
  public void close() {
    clock.shutdown();
  }
}
