package org.etalon.backends.tensorflow;

import org.etalon.engine.backend.BackendModel;
import org.etalon.engine.backend.Device;
import org.etalon.engine.backend.ModelInstance;
import org.etalon.protocol.proto.ModelConfig;

/**
 * A loaded version of a model. Thread-safe. All instances share its session, which TensorFlow lets
 * several threads run at the same time.
 */
record TensorFlowModel(SavedModel model, ModelConfig config, ModelSignature signature)
    implements BackendModel {
  @Override
  public ModelInstance newInstance(Device device) {
    if (!device.equals(Device.CPU)) {
      throw model
          .label()
          .invalid("there is no device %s (available: %s)".formatted(device, Device.CPU));
    }
    return new TensorFlowInstance(model, config, signature);
  }

  @Override
  public void close() {
    model.close();
  }
}
