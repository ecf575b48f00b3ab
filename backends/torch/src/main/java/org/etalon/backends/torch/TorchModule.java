package org.etalon.backends.torch;

import ai.djl.engine.EngineException;
import ai.djl.pytorch.jni.PyTorchLibrary;
import org.etalon.engine.backend.Device;

/**
 * A TorchScript module on a device, set to inference. Immutable; freed by whoever closes it.
 *
 * @param handle libtorch's
 */
record TorchModule(long handle, Device device) implements AutoCloseable {
  private static final String[] NO_EXTRA_FILES = {};

  /**
   * @throws org.etalon.inference.ServingException INVALID_ARGUMENT with libtorch's reason
   */
  static TorchModule load(ModelLabel label, Device device) {
    try {
      long handle =
          PyTorchLibrary.moduleLoad(
              label.file().toString(),
              TorchRuntime.numbers(device),
              true,
              NO_EXTRA_FILES,
              NO_EXTRA_FILES,
              false);
      PyTorchLibrary.moduleEval(handle);
      return new TorchModule(handle, device);
    } catch (EngineException e) {
      throw label.notLoaded(e);
    }
  }

  @Override
  public void close() {
    PyTorchLibrary.torchDeleteModule(handle);
  }
}
