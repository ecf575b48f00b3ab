package org.etalon.backends.torch;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.etalon.engine.backend.BackendModel;
import org.etalon.engine.backend.Device;
import org.etalon.engine.backend.ModelInstance;
import org.etalon.protocol.proto.ModelConfig;
import org.jspecify.annotations.Nullable;

/**
 * A loaded version of a model. Thread-safe; guarded by itself.
 *
 * <p>Each instance has a module of its own, as a module may change itself while it runs, unless the
 * configuration shares them.
 */
final class TorchModel implements BackendModel {
  private final TorchRuntime runtime;
  private final ModelLabel label;
  private final ModelConfig config;
  private final ForwardMethod forward;
  private final TorchSettings settings;
  private final Map<Device, TorchModule> shared = new HashMap<>();

  /** Loaded to see that it can be, and the first instance's. */
  private @Nullable TorchModule spare;

  private TorchModel(
      TorchRuntime runtime,
      ModelLabel label,
      ModelConfig config,
      ForwardMethod forward,
      TorchSettings settings,
      TorchModule first) {
    this.runtime = runtime;
    this.label = label;
    this.config = config;
    this.forward = forward;
    this.settings = settings;
    this.spare = first;
  }

  static TorchModel load(
      TorchRuntime runtime,
      ModelLabel label,
      ModelConfig config,
      ForwardMethod forward,
      TorchSettings settings) {
    TorchRuntime.useInterOpThreads(settings.interOpThreads(), label);
    TorchModule first = TorchModule.load(label, Device.CPU);
    return new TorchModel(runtime, label, config, forward, settings, first);
  }

  @Override
  public ModelConfig config() {
    return config;
  }

  @Override
  public synchronized ModelInstance newInstance(Device device) {
    List<Device> devices = runtime.devices();
    if (!devices.contains(device)) {
      throw label.invalid("there is no device %s (available: %s)".formatted(device, devices));
    }
    TorchModule module =
        settings.sharesWeights() ? shared.computeIfAbsent(device, this::module) : module(device);
    return new TorchInstance(label, module, !settings.sharesWeights(), config, forward, settings);
  }

  private TorchModule module(Device device) {
    TorchModule first = spare;
    if (first == null) {
      return TorchModule.load(label, device);
    }
    spare = null;
    if (device.equals(Device.CPU)) {
      return first;
    }
    first.close();
    return TorchModule.load(label, device);
  }

  @Override
  public synchronized void close() {
    shared.values().forEach(TorchModule::close);
    shared.clear();
    if (spare != null) {
      spare.close();
      spare = null;
    }
  }
}
