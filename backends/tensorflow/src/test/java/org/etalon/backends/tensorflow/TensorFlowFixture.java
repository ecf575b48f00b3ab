package org.etalon.backends.tensorflow;

import com.google.protobuf.TextFormat;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.etalon.engine.backend.BackendModel;
import org.etalon.engine.backend.Batch;
import org.etalon.engine.backend.Device;
import org.etalon.engine.backend.ModelFiles;
import org.etalon.engine.backend.ModelInstance;
import org.etalon.engine.backend.OutputMemory;
import org.etalon.inference.Tensor;
import org.etalon.inference.npy.Npy;
import org.etalon.inference.npy.NpyArray;
import org.etalon.protocol.proto.ModelConfig;
import org.etalon.protocol.proto.ModelOutput;

/** A model repository in a folder, the backend, and batches as the engine would make them. */
final class TensorFlowFixture implements AutoCloseable {
  private final Path directory;
  private final TensorFlowBackend backend = new TensorFlowBackend();
  private final List<Runnable> closing = new ArrayList<>();
  private final OutputMemory.Pool pool = new OutputMemory.Pool();

  TensorFlowFixture(Path directory) {
    this.directory = directory;
  }

  static byte[] resource(String name) {
    try (InputStream in =
        Objects.requireNonNull(TensorFlowFixture.class.getResourceAsStream(name), name)) {
      return in.readAllBytes();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static NpyArray array(String name) {
    try {
      return Npy.read(resource(name));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static ModelConfig config(String text) {
    try {
      return TextFormat.parse("name: 'test' backend: 'tensorflow' " + text, ModelConfig.class);
    } catch (TextFormat.ParseException e) {
      throw new IllegalArgumentException(text, e);
    }
  }

  TensorFlowBackend backend() {
    return backend;
  }

  ModelFiles files() {
    return new ModelFiles("test", 1, directory, directory.resolve("1"));
  }

  /** Puts a file into version 1. */
  Path put(String filename, byte[] content) {
    try {
      Path file = directory.resolve("1").resolve(filename);
      Files.createDirectories(Objects.requireNonNull(file.getParent()));
      return Files.write(file, content);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Loads a graph with a {@code config.pbtxt}. */
  BackendModel load(GraphFile graph, String config) {
    put("model.savedmodel/saved_model.pb", graph.bytes());
    return load(config(config));
  }

  /** Copies a SavedModel into version 1. */
  void copy(Path savedModel) {
    try (Stream<Path> files = Files.walk(savedModel)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        put("model.savedmodel/" + savedModel.relativize(file), Files.readAllBytes(file));
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  BackendModel load(ModelConfig config) {
    BackendModel model = backend.load(files(), config);
    closing.addFirst(model::close);
    return model;
  }

  ModelInstance instance(BackendModel model) {
    ModelInstance instance = model.newInstance(Device.CPU);
    closing.addFirst(instance::close);
    return instance;
  }

  /** Runs a batch that asks for all outputs; its tensors live until the end of the test. */
  List<Tensor> run(BackendModel model, int rows, Tensor... inputs) {
    return run(model.config(), instance(model), rows, inputs);
  }

  List<Tensor> run(ModelConfig config, ModelInstance instance, int rows, Tensor... inputs) {
    boolean[] requested = new boolean[config.getOutputCount()];
    Arrays.fill(requested, true);
    Batch batch = batch(config, rows, requested, inputs);
    instance.execute(batch);
    List<Tensor> outputs = new ArrayList<>();
    for (int i = 0; i < requested.length; i++) {
      outputs.add(Objects.requireNonNull(batch.output(i), "output"));
    }
    return outputs;
  }

  /** A batch whose inputs lie off the heap, as the engine has them. */
  Batch batch(ModelConfig config, int rows, boolean[] requested, Tensor... inputs) {
    OutputMemory memory = pool.open();
    closing.addFirst(memory::release);
    return new Batch(
        rows,
        Arrays.stream(inputs).map(this::offHeap).toList(),
        config.getOutputList().stream().map(ModelOutput::getName).toList(),
        requested,
        memory);
  }

  @SuppressWarnings("MustBeClosedChecker") // closed with the fixture
  private Tensor offHeap(Tensor tensor) {
    Arena arena = Arena.ofShared();
    closing.addLast(arena::close);
    MemorySegment data = arena.allocate(Math.max(1, tensor.data().byteSize()), 64);
    return new Tensor(
        tensor.name(),
        tensor.datatype(),
        tensor.shape(),
        data.asSlice(0, tensor.data().byteSize()).copyFrom(tensor.data()));
  }

  @Override
  public void close() {
    closing.forEach(Runnable::run);
    pool.close();
    backend.close();
  }
}
