package org.etalon.engine.scheduling;

import java.util.ArrayList;
import java.util.List;
import org.etalon.engine.config.ConfiguredDataType;
import org.etalon.inference.TensorMetadata;
import org.etalon.protocol.proto.DataType;
import org.etalon.protocol.proto.ModelConfig;

/**
 * What a configuration says of one tensor, ready to be compared with requests.
 *
 * @param metadata name, datatype and shape, the batch dimension included where the model batches
 * @param isOptional true for an input that requests may leave out
 */
record TensorSpec(TensorMetadata metadata, boolean isOptional) {
  String name() {
    return metadata.name();
  }

  static List<TensorSpec> inputs(ModelConfig config) {
    return config.getInputList().stream()
        .map(input ->
            new TensorSpec(
                metadata(config, input.getName(), input.getDataType(), input.getDimsList()),
                input.getOptional()))
        .toList();
  }

  static List<TensorSpec> outputs(ModelConfig config) {
    return config.getOutputList().stream()
        .map(output ->
            new TensorSpec(
                metadata(config, output.getName(), output.getDataType(), output.getDimsList()),
                false))
        .toList();
  }

  private static TensorMetadata metadata(
      ModelConfig config, String name, DataType datatype, List<Long> dims) {
    List<Long> shape = new ArrayList<>(dims.size() + 1);
    if (config.getMaxBatchSize() > 0) {
      shape.add(TensorMetadata.ANY);
    }
    shape.addAll(dims);
    return new TensorMetadata(name, ConfiguredDataType.of(datatype), shape);
  }
}
