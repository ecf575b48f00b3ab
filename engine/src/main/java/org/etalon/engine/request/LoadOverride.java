package org.etalon.engine.request;

import java.util.Map;
import org.etalon.protocol.proto.ModelConfig;

/**
 * What a model is loaded from this once, in place of its folder.
 *
 * @param config in place of {@code config.pbtxt}
 * @param files by their paths in the model's folder, such as {@code 1/model.onnx}; if there are
 *     any, they alone make the model
 */
public record LoadOverride(ModelConfig config, Map<String, byte[]> files) {
  public LoadOverride {
    files = Map.copyOf(files);
  }
}
