package org.etalon.engine.testing;

import java.io.IOException;
import java.nio.file.Files;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.etalon.engine.backend.Backend;
import org.etalon.engine.backend.BackendModel;
import org.etalon.engine.backend.Device;
import org.etalon.engine.backend.ModelFiles;
import org.etalon.inference.ServingException;
import org.etalon.protocol.proto.ModelConfig;

/**
 * Runs models that do what their file says. {@code model.fake} is a text, one order a line:
 *
 * <ul>
 *   <li>{@code add 1}: every output is the sum of all inputs and 1
 *   <li>{@code inputs a b}, {@code outputs c d}: the tensors' names, {@code x} and {@code y} by
 *       default; all are FP32 of any length
 *   <li>{@code fixed}: the file's first dimension is not free
 *   <li>{@code hold}: runs wait for {@link #release}
 *   <li>{@code slow 10ms}: each run takes that long
 *   <li>{@code fail}: runs fail
 *   <li>{@code crash on load}, {@code crash on instance}: as a framework's bug would
 * </ul>
 *
 * An empty file is refused, as a truncated one is by a real backend. Thread-safe.
 */
public final class FakeBackend implements Backend {
  final AtomicInteger models = new AtomicInteger();
  final AtomicInteger instances = new AtomicInteger();
  final AtomicInteger loads = new AtomicInteger();
  final AtomicInteger runs = new AtomicInteger();
  final CountDownLatch released = new CountDownLatch(1);

  private final String name;
  private final String filename;
  private final List<Device> devices;
  private volatile boolean isClosed;

  /** The backend {@code fake} for files {@code model.fake}, on the processor. */
  public FakeBackend() {
    this("fake", "model.fake", List.of(Device.CPU));
  }

  public FakeBackend(String name, String filename, List<Device> devices) {
    this.name = name;
    this.filename = filename;
    this.devices = devices;
  }

  /** Lets all models run that hold. */
  public void release() {
    released.countDown();
  }

  /** Models in memory now. */
  public int liveModels() {
    return models.get();
  }

  /** Instances in memory now. */
  public int liveInstances() {
    return instances.get();
  }

  /** Versions loaded so far, also in vain. */
  public int loads() {
    return loads.get();
  }

  /** Batches run so far. */
  public int runs() {
    return runs.get();
  }

  public boolean isClosed() {
    return isClosed;
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public Set<String> platforms() {
    return Set.of(name + "_model");
  }

  @Override
  public List<String> defaultFilenames() {
    return List.of(filename);
  }

  @Override
  public List<Device> devices() {
    return devices;
  }

  @Override
  public BackendModel load(ModelFiles files, ModelConfig config) {
    loads.incrementAndGet();
    String file =
        config.getDefaultModelFilename().isEmpty() ? filename : config.getDefaultModelFilename();
    List<String> orders;
    try {
      orders = Files.readAllLines(files.file(file)).stream().map(String::strip).toList();
    } catch (IOException e) {
      throw ServingException.invalid("%s cannot be read: %s".formatted(file, e));
    }
    if (orders.isEmpty()) {
      throw ServingException.invalid("%s is empty (expected: orders)".formatted(file));
    }
    if (orders.contains("crash on load")) {
      throw new IllegalStateException("crashed on load, as ordered");
    }
    return new FakeModel(this, orders, config);
  }

  @Override
  public void close() {
    isClosed = true;
  }
}
