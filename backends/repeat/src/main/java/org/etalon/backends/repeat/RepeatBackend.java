package org.etalon.backends.repeat;

import java.util.List;
import java.util.Set;
import org.etalon.engine.backend.Backend;
import org.etalon.engine.backend.BackendModel;
import org.etalon.engine.backend.Device;
import org.etalon.engine.backend.ModelFiles;
import org.etalon.inference.ServingException;
import org.etalon.protocol.proto.DataType;
import org.etalon.protocol.proto.ModelConfig;
import org.etalon.protocol.proto.ModelInput;
import org.etalon.protocol.proto.ModelOutput;

/**
 * Answers a request once for each element of {@code IN}: {@code OUT} is the element and {@code IDX}
 * its index, {@code DELAY} ms after the answer before. An instance is busy with a request for
 * {@code WAIT} ms. Its models have no files, and need no configuration but {@code backend:
 * "repeat"}. Thread-safe.
 */
public final class RepeatBackend implements Backend {
  private static final long ANY = -1;
  private static final List<ModelInput> INPUTS =
      List.of(
          input("IN", DataType.TYPE_INT32, ANY),
          input("DELAY", DataType.TYPE_UINT32, ANY),
          input("WAIT", DataType.TYPE_UINT32, 1));
  private static final List<ModelOutput> OUTPUTS =
      List.of(output("OUT", DataType.TYPE_INT32), output("IDX", DataType.TYPE_UINT32));

  @Override
  public String name() {
    return "repeat";
  }

  @Override
  public Set<String> platforms() {
    return Set.of();
  }

  @Override
  public List<String> defaultFilenames() {
    return List.of();
  }

  @Override
  public List<Device> devices() {
    return List.of(Device.CPU);
  }

  @Override
  public BackendModel load(ModelFiles files, ModelConfig config) {
    boolean isBare = config.getInputCount() == 0 && config.getOutputCount() == 0;
    boolean isKnown =
        config.getInputList().equals(INPUTS) && config.getOutputList().equals(OUTPUTS);
    if (config.getMaxBatchSize() != 0 || !(isBare || isKnown)) {
      throw ServingException.invalid(
          "model '%s': backend 'repeat' takes IN INT32 [-1], DELAY UINT32 [-1], WAIT UINT32 [1] and gives OUT INT32 [1], IDX UINT32 [1], without batches (remedy: leave input, output and max_batch_size out)"
              .formatted(files.model()));
    }
    ModelConfig.Builder completed =
        config.toBuilder().clearInput().clearOutput().addAllInput(INPUTS).addAllOutput(OUTPUTS);
    completed.getModelTransactionPolicyBuilder().setDecoupled(true);
    return new RepeatModel(completed.build());
  }

  private static ModelInput input(String name, DataType datatype, long extent) {
    return ModelInput.newBuilder().setName(name).setDataType(datatype).addDims(extent).build();
  }

  private static ModelOutput output(String name, DataType datatype) {
    return ModelOutput.newBuilder().setName(name).setDataType(datatype).addDims(1).build();
  }
}
