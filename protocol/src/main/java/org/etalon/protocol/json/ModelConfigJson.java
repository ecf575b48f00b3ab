package org.etalon.protocol.json;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.util.JsonFormat;
import org.etalon.inference.ErrorCode;
import org.etalon.inference.ServingException;
import org.etalon.protocol.proto.ModelConfig;

/** Reads a model configuration that a client sends. */
public final class ModelConfigJson {
  private ModelConfigJson() {}

  /**
   * The configuration; numbers may stand as texts, names as in the protocol or in camel case.
   *
   * @throws ServingException INVALID_ARGUMENT if it is not JSON, or has a field that there is not
   */
  public static ModelConfig parse(String model, String json) {
    ModelConfig.Builder config = ModelConfig.newBuilder();
    try {
      JsonFormat.parser().merge(json, config);
    } catch (InvalidProtocolBufferException e) {
      throw new ServingException(
          ErrorCode.INVALID_ARGUMENT,
          "failed to load '%s', the configuration given: %s (expected: a ModelConfig in JSON)"
              .formatted(model, e.getMessage()),
          e);
    }
    return config.build();
  }
}
