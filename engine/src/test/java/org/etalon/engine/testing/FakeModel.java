package org.etalon.engine.testing;

import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import org.etalon.engine.backend.BackendModel;
import org.etalon.engine.backend.Device;
import org.etalon.engine.backend.ModelInstance;
import org.etalon.inference.ServingException;
import org.etalon.protocol.proto.DataType;
import org.etalon.protocol.proto.ModelConfig;
import org.etalon.protocol.proto.ModelInput;
import org.etalon.protocol.proto.ModelOutput;

/** A loaded {@code model.fake}. */
final class FakeModel implements BackendModel {
  private final FakeBackend backend;
  private final List<String> orders;
  private final ModelConfig config;
  private final AtomicBoolean isClosed = new AtomicBoolean();

  FakeModel(FakeBackend backend, List<String> orders, ModelConfig given) {
    this.backend = backend;
    this.orders = orders;
    this.config = completed(given);
    backend.models.incrementAndGet();
  }

  private ModelConfig completed(ModelConfig given) {
    ModelConfig.Builder config = given.toBuilder();
    boolean saysNothing =
        given.getMaxBatchSize() == 0 && given.getInputCount() == 0 && given.getOutputCount() == 0;
    if (saysNothing && !orders.contains("fixed")) {
      config.setMaxBatchSize(1);
    }
    if (given.getInputCount() == 0) {
      for (String name : names("inputs", "x")) {
        config.addInput(
            ModelInput.newBuilder().setName(name).setDataType(DataType.TYPE_FP32).addDims(-1));
      }
    }
    if (given.getOutputCount() == 0) {
      for (String name : names("outputs", "y")) {
        config.addOutput(
            ModelOutput.newBuilder().setName(name).setDataType(DataType.TYPE_FP32).addDims(-1));
      }
    }
    return config.build();
  }

  private List<String> names(String order, String standard) {
    return List.of(argument(order, standard).split(" "));
  }

  /** What follows an order in its line, or the default if it is not given. */
  String argument(String order, String standard) {
    return orders.stream()
        .filter(line -> line.startsWith(order + " "))
        .map(line -> line.substring(order.length() + 1))
        .findFirst()
        .orElse(standard);
  }

  boolean isOrdered(String order) {
    return orders.contains(order);
  }

  FakeBackend backend() {
    return backend;
  }

  @Override
  public ModelConfig config() {
    return config;
  }

  @Override
  public ModelInstance newInstance(Device device) {
    if (!backend.devices().contains(device)) {
      throw ServingException.invalid(
          "device %s is not here (there: %s)".formatted(device, backend.devices()));
    }
    if (isOrdered("crash on instance")) {
      throw new IllegalStateException("crashed on instance, as ordered");
    }
    return new FakeInstance(this);
  }

  @Override
  public void close() {
    if (!isClosed.compareAndSet(false, true)) {
      throw new IllegalStateException("a model is closed once");
    }
    backend.models.decrementAndGet();
  }
}
