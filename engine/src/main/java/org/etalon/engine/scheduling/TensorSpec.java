package org.etalon.engine.scheduling;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.etalon.engine.backend.InsideShape;
import org.etalon.engine.config.ConfiguredDataType;
import org.etalon.inference.Tensor;
import org.etalon.inference.TensorMetadata;
import org.etalon.protocol.proto.BatchOutput;
import org.etalon.protocol.proto.DataType;
import org.etalon.protocol.proto.ModelConfig;
import org.etalon.protocol.proto.ModelInput;
import org.etalon.protocol.proto.ModelOutput;

/**
 * What a configuration says of one tensor, ready to be compared with requests.
 *
 * @param metadata name, datatype and shape, the batch dimension included where the model batches
 * @param isOptional true for an input that requests may leave out
 * @param layout how it lies in a batch
 * @param reshape between what requests and the model see: of an input on its way in, of an output
 *     on its way out
 */
record TensorSpec(
    TensorMetadata metadata, boolean isOptional, Layout layout, Optional<Reshape> reshape) {
  /** A tensor of rows that the model sees as requests do. */
  static TensorSpec of(TensorMetadata metadata, boolean isOptional) {
    return new TensorSpec(metadata, isOptional, Layout.Plain.ROWS, Optional.empty());
  }

  String name() {
    return metadata.name();
  }

  /** The tensor in its other shape. */
  Tensor reshaped(Tensor tensor) {
    return reshape.isPresent() ? reshape.get().apply(tensor) : tensor;
  }

  static List<TensorSpec> inputs(ModelConfig config) {
    return config.getInputList().stream().map(input -> of(config, input)).toList();
  }

  private static TensorSpec of(ModelConfig config, ModelInput input) {
    boolean isBatching = config.getMaxBatchSize() > 0;
    Layout layout =
        input.getAllowRaggedBatch()
            ? Layout.Plain.ELEMENTS
            : input.getIsShapeTensor() ? Layout.Plain.SHAPE_VALUES : Layout.Plain.ROWS;
    List<Long> shape =
        input.getIsShapeTensor()
            ? InsideShape.of(config, input)
            : batched(isBatching, input.getDimsList());
    Optional<Reshape> reshape =
        input.hasReshape()
            ? Optional.of(
                new Reshape(input.getDimsList(), input.getReshape().getShapeList(), isBatching))
            : Optional.empty();
    return new TensorSpec(
        metadata(input.getName(), input.getDataType(), shape),
        input.getOptional(),
        layout,
        reshape);
  }

  static List<TensorSpec> outputs(ModelConfig config) {
    return config.getOutputList().stream().map(output -> of(config, output)).toList();
  }

  private static TensorSpec of(ModelConfig config, ModelOutput output) {
    boolean isBatching = config.getMaxBatchSize() > 0;
    Optional<BatchOutput> scattering = InsideShape.scattering(config, output.getName());
    Layout layout = output.getIsShapeTensor() ? Layout.Plain.SHAPE_VALUES : Layout.Plain.ROWS;
    if (scattering.isPresent()) {
      layout = new Layout.LikeInput(inputIndex(config, scattering.get().getSourceInput(0)));
    }
    List<Long> shape =
        output.getIsShapeTensor()
            ? InsideShape.of(config, output).orElseThrow()
            : batched(isBatching, output.getDimsList());
    Optional<Reshape> reshape =
        output.hasReshape()
            ? Optional.of(
                new Reshape(output.getReshape().getShapeList(), output.getDimsList(), isBatching))
            : Optional.empty();
    return new TensorSpec(
        metadata(output.getName(), output.getDataType(), shape), false, layout, reshape);
  }

  /** The index of an input that the configuration has. */
  static int inputIndex(ModelConfig config, String name) {
    for (int i = 0; i < config.getInputCount(); i++) {
      if (config.getInput(i).getName().equals(name)) {
        return i;
      }
    }
    throw new IllegalArgumentException("no input '" + name + "'");
  }

  private static List<Long> batched(boolean isBatching, List<Long> dims) {
    List<Long> shape = new ArrayList<>(dims.size() + 1);
    if (isBatching) {
      shape.add(TensorMetadata.ANY);
    }
    shape.addAll(dims);
    return shape;
  }

  private static TensorMetadata metadata(String name, DataType datatype, List<Long> shape) {
    return new TensorMetadata(name, ConfiguredDataType.of(datatype), shape);
  }
}
