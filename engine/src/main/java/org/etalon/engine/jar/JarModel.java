package org.etalon.engine.jar;

import java.io.IOException;
import java.net.URLClassLoader;
import org.etalon.engine.backend.Backend;
import org.etalon.engine.backend.BackendModel;
import org.etalon.engine.backend.Device;
import org.etalon.engine.backend.ModelInstance;
import org.etalon.protocol.proto.ModelConfig;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A model with the backend and the classes that came with it, which end with it. */
record JarModel(Backend backend, BackendModel model, URLClassLoader loader)
    implements BackendModel {
  private static final Logger LOG = LoggerFactory.getLogger(JarModel.class);

  @Override
  public ModelConfig config() {
    return model.config();
  }

  @Override
  public boolean runsInline() {
    return model.runsInline();
  }

  @Override
  public boolean canBeDecoupled() {
    return model.canBeDecoupled();
  }

  @Override
  public ModelInstance newInstance(Device device) {
    return model.newInstance(device);
  }

  @Override
  public void close() {
    try (backend) {
      model.close();
    } finally {
      close(loader);
    }
  }

  static void close(URLClassLoader loader) {
    try {
      loader.close();
    } catch (IOException e) {
      LOG.warn("a model's jar cannot be closed: {}", e.getMessage());
    }
  }
}
