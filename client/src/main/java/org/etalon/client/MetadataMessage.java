package org.etalon.client;

import java.util.List;
import org.etalon.inference.DataType;
import org.etalon.inference.ErrorCode;
import org.etalon.inference.ModelMetadata;
import org.etalon.inference.ServingException;
import org.etalon.inference.TensorMetadata;
import org.etalon.protocol.proto.ModelMetadataResponse;

/** Reads a model's metadata from its message. */
final class MetadataMessage {
  private MetadataMessage() {}

  /**
   * @throws ServingException INTERNAL if a version is no number or a datatype unknown
   */
  static ModelMetadata read(ModelMetadataResponse message) {
    return new ModelMetadata(
        message.getName(),
        message.getVersionsList().stream().map(text -> version(text, message)).toList(),
        message.getPlatform(),
        tensors(message.getInputsList(), message),
        tensors(message.getOutputsList(), message));
  }

  private static long version(String text, ModelMetadataResponse message) {
    try {
      return Long.parseLong(text);
    } catch (NumberFormatException e) {
      throw ServingException.internal(
          "metadata of model '%s': version '%s' (expected: a number)"
              .formatted(message.getName(), text),
          e);
    }
  }

  private static List<TensorMetadata> tensors(
      List<ModelMetadataResponse.TensorMetadata> tensors, ModelMetadataResponse message) {
    return tensors.stream()
        .map(tensor ->
            new TensorMetadata(tensor.getName(), datatype(tensor, message), tensor.getShapeList()))
        .toList();
  }

  private static DataType datatype(
      ModelMetadataResponse.TensorMetadata tensor, ModelMetadataResponse message) {
    return DataType.named(tensor.getDatatype())
        .orElseThrow(() ->
            new ServingException(
                ErrorCode.INTERNAL,
                "metadata of model '%s': tensor '%s' of unknown datatype '%s'"
                    .formatted(message.getName(), tensor.getName(), tensor.getDatatype())));
  }
}
