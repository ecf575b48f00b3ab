package org.etalon.engine.scheduling;

import java.util.ArrayList;
import java.util.List;
import org.etalon.inference.DataType;
import org.etalon.inference.TensorMetadata;
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
      ModelConfig config,
      String name,
      org.etalon.protocol.proto.DataType datatype,
      List<Long> dims) {
    List<Long> shape = new ArrayList<>(dims.size() + 1);
    if (config.getMaxBatchSize() > 0) {
      shape.add(TensorMetadata.ANY);
    }
    shape.addAll(dims);
    return new TensorMetadata(name, datatype(datatype), shape);
  }

  private static DataType datatype(org.etalon.protocol.proto.DataType datatype) {
    return switch (datatype) {
      case TYPE_BOOL -> DataType.BOOL;
      case TYPE_UINT8 -> DataType.UINT8;
      case TYPE_UINT16 -> DataType.UINT16;
      case TYPE_UINT32 -> DataType.UINT32;
      case TYPE_UINT64 -> DataType.UINT64;
      case TYPE_INT8 -> DataType.INT8;
      case TYPE_INT16 -> DataType.INT16;
      case TYPE_INT32 -> DataType.INT32;
      case TYPE_INT64 -> DataType.INT64;
      case TYPE_FP16 -> DataType.FP16;
      case TYPE_BF16 -> DataType.BF16;
      case TYPE_FP32 -> DataType.FP32;
      case TYPE_FP64 -> DataType.FP64;
      case TYPE_STRING -> DataType.BYTES;
      case TYPE_INVALID, UNRECOGNIZED ->
          throw new IllegalArgumentException("data_type: " + datatype + " (expected: a datatype)");
    };
  }
}
