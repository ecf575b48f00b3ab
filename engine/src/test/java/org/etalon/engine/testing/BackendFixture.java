package org.etalon.engine.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

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
import java.util.Map;
import java.util.Objects;
import org.etalon.engine.backend.Backend;
import org.etalon.engine.backend.BackendModel;
import org.etalon.engine.backend.Batch;
import org.etalon.engine.backend.Device;
import org.etalon.engine.backend.ModelFiles;
import org.etalon.engine.backend.ModelInstance;
import org.etalon.engine.backend.OutputMemory;
import org.etalon.inference.Shape;
import org.etalon.inference.Tensor;
import org.etalon.inference.npy.Npy;
import org.etalon.inference.npy.NpyArray;
import org.etalon.protocol.proto.ModelConfig;
import org.etalon.protocol.proto.ModelInput;
import org.etalon.protocol.proto.ModelOutput;

/**
 * One model of one backend in a folder, and batches as the engine would make them. Each backend's
 * tests have a fixture of their own, whose package holds the resources.
 */
public class BackendFixture implements AutoCloseable {
  private final Path directory;
  private final Backend backend;
  private final List<Runnable> closing = new ArrayList<>();
  private final OutputMemory.Pool pool = new OutputMemory.Pool();

  public BackendFixture(Path directory, Backend backend) {
    this.directory = directory;
    this.backend = backend;
  }

  /** A file that lies beside a class of the tests. */
  public static byte[] resource(Class<?> beside, String name) {
    try (InputStream in = Objects.requireNonNull(beside.getResourceAsStream(name), name)) {
      return in.readAllBytes();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  public static ModelConfig config(String backend, String text) {
    try {
      return TextFormat.parse("name: 'test' backend: '" + backend + "' " + text, ModelConfig.class);
    } catch (TextFormat.ParseException e) {
      throw new IllegalArgumentException(text, e);
    }
  }

  public byte[] resource(String name) {
    return resource(getClass(), name);
  }

  public NpyArray array(String name) {
    try {
      return Npy.read(resource(name));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  public ModelConfig config(String text) {
    return config(backend.name(), text);
  }

  public Backend backend() {
    return backend;
  }

  public ModelFiles files() {
    return new ModelFiles("test", 1, directory, directory.resolve("1"));
  }

  /** Puts a file into version 1. */
  public Path put(String filename, byte[] content) {
    try {
      Path file = directory.resolve("1").resolve(filename);
      Files.createDirectories(Objects.requireNonNull(file.getParent()));
      return Files.write(file, content);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  public BackendModel load(ModelConfig config) {
    BackendModel model = backend.load(files(), config);
    closing.addFirst(model::close);
    return model;
  }

  public ModelInstance instance(BackendModel model) {
    ModelInstance instance = model.newInstance(Device.CPU);
    closing.addFirst(instance::close);
    return instance;
  }

  /** Runs a batch that asks for all outputs; its tensors live until the end of the test. */
  public List<Tensor> run(BackendModel model, int rows, Tensor... inputs) {
    return run(model.config(), instance(model), rows, inputs);
  }

  public List<Tensor> run(ModelConfig config, ModelInstance instance, int rows, Tensor... inputs) {
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
  public Batch batch(ModelConfig config, int rows, boolean[] requested, Tensor... inputs) {
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

  /**
   * Runs all rows of a reference in batches of {@code rows} (the last may be smaller) and compares
   * the model's first output.
   *
   * @param inputs arrays whose first axis is that of the rows, by name
   */
  public void assertReproduces(
      BackendModel model,
      int rows,
      float tolerance,
      NpyArray expected,
      Map<String, NpyArray> inputs) {
    ModelInstance instance = instance(model);
    float[] answers = expected.floats();
    int total = Math.toIntExact(expected.shape()[0]);
    int rowLength = answers.length / total;
    for (int first = 0; first < total; first += rows) {
      int count = Math.min(rows, total - first);
      int from = first;
      Tensor[] tensors =
          model.config().getInputList().stream()
              .map(ModelInput::getName)
              .map(name -> rows(name, Objects.requireNonNull(inputs.get(name), name), from, count))
              .toArray(Tensor[]::new);
      Tensor output = run(model.config(), instance, count, tensors).getFirst();
      assertThat(output.shape()).isEqualTo(Shape.of(expected.shape()).withFirst(count));
      assertThat(output.toFloats())
          .containsExactly(
              Arrays.copyOfRange(answers, first * rowLength, (first + count) * rowLength),
              within(tolerance));
    }
  }

  private static Tensor rows(String name, NpyArray array, int first, int count) {
    Shape shape = Shape.of(array.shape()).withFirst(count);
    int rowLength = Math.toIntExact(shape.elementCount() / count);
    return Tensor.of(
        name,
        shape,
        Arrays.copyOfRange(array.floats(), first * rowLength, (first + count) * rowLength));
  }

  @Override
  public void close() {
    closing.forEach(Runnable::run);
    pool.close();
    backend.close();
  }
}
