package org.etalon.engine.jar;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.google.protobuf.Message;
import java.io.File;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.jar.JarOutputStream;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import javax.tools.ToolProvider;
import org.etalon.engine.backend.Backend;
import org.etalon.engine.backend.BackendModel;
import org.etalon.engine.backend.Batch;
import org.etalon.engine.backend.Device;
import org.etalon.engine.backend.ModelFiles;
import org.etalon.engine.backend.ModelInstance;
import org.etalon.engine.backend.OutputMemory;
import org.etalon.inference.DataType;
import org.etalon.inference.Shape;
import org.etalon.inference.Tensor;
import org.etalon.protocol.proto.ModelConfig;
import org.jspecify.annotations.NullMarked;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** With the example's model, compiled here. */
class JarBackendTest {
  private static final Path EXAMPLE = Path.of("..", "examples", "java", "standardise", "src");
  private static final String SERVICE = "META-INF/services/org.etalon.engine.backend.Backend";

  @TempDir Path folder;

  private ModelFiles files;

  @BeforeEach
  void makeFolder() throws IOException {
    System.setProperty(JarBackend.ALLOWED_PROPERTY, "true");
    files = new ModelFiles("m", 1, folder, Files.createDirectory(folder.resolve("1")));
  }

  @AfterEach
  void forbid() {
    System.clearProperty(JarBackend.ALLOWED_PROPERTY);
  }

  private static Path example() {
    Path fromRoot = Path.of("examples", "java", "standardise", "src");
    return Files.exists(fromRoot) ? fromRoot : EXAMPLE;
  }

  private Path compiled() throws IOException {
    Path classes = Files.createDirectory(folder.resolve("classes"));
    String source = example().resolve("standardise/Standardise.java").toString();
    int status =
        ToolProvider.getSystemJavaCompiler()
            .run(
                null,
                OutputStream.nullOutputStream(),
                null,
                "-proc:none",
                "-d",
                classes.toString(),
                "-cp",
                classPath(),
                source);
    assertThat(status).isZero();
    return classes;
  }

  /**
   * Of what the example's source names; the test's own may be a jar that the compiler cannot read.
   */
  private static String classPath() {
    return Stream.of(
            Backend.class, Tensor.class, ModelConfig.class, Message.class, NullMarked.class)
        .map(type -> type.getProtectionDomain().getCodeSource().getLocation().getPath())
        .collect(Collectors.joining(File.pathSeparator));
  }

  private void writeJar(Path classes, String service) throws IOException {
    try (JarOutputStream jar = new JarOutputStream(Files.newOutputStream(files.file("model.jar")));
        Stream<Path> found = Files.walk(classes)) {
      add(jar, SERVICE, service.getBytes(UTF_8));
      found
          .filter(Files::isRegularFile)
          .forEach(file -> {
            try {
              add(jar, classes.relativize(file).toString(), Files.readAllBytes(file));
            } catch (IOException e) {
              throw new UncheckedIOException(e);
            }
          });
    }
  }

  private static void add(JarOutputStream jar, String name, byte[] bytes) throws IOException {
    jar.putNextEntry(new ZipEntry(name));
    jar.write(bytes);
    jar.closeEntry();
  }

  private BackendModel load() {
    return new JarBackend().load(files, ModelConfig.getDefaultInstance());
  }

  @Test
  void runsTheModelOfTheJarWithClassesOfItsOwn() throws IOException {
    writeJar(compiled(), "standardise.Standardise");
    Tensor x = Tensor.of("x", Shape.of(2, 2), new float[] {1, 3, 10, 50});
    OutputMemory.Pool pool = new OutputMemory.Pool();
    try (pool;
        BackendModel model = load();
        BackendModel other = load();
        ModelInstance instance = model.newInstance(Device.CPU);
        ModelInstance second = other.newInstance(Device.CPU)) {
      assertThat(second.getClass()).isNotEqualTo(instance.getClass());
      OutputMemory memory = pool.open();
      Batch batch = new Batch(2, List.of(x), List.of("y"), new boolean[] {true}, memory);
      instance.execute(batch);
      Tensor y = Objects.requireNonNull(batch.output(0), "y");
      assertThat(y.datatype()).isEqualTo(DataType.FP32);
      float[] expected = {-1, 1, -1, 1};
      for (int i = 0; i < expected.length; i++) {
        assertThat(y.data().getAtIndex(Tensor.FLOAT, i)).isCloseTo(expected[i], within(1e-6f));
      }
      memory.release();
    }
  }

  @Test
  void refusesCodeUnlessTheOperatorAllowsIt() throws IOException {
    writeJar(compiled(), "standardise.Standardise");
    System.clearProperty(JarBackend.ALLOWED_PROPERTY);
    assertThatThrownBy(this::load).hasMessageContaining("expected: --allow-java-models");
    assertThat(new JarBackend().runsCode()).isTrue();
  }

  @Test
  void saysWhatIsWrongWithAJar() throws IOException {
    assertThatThrownBy(this::load).hasMessageContaining("there is no ").hasMessageContaining("jar");
    Files.writeString(files.file("model.jar"), "truncated");
    assertThatThrownBy(this::load).hasMessageContaining("model.jar is no jar");
    Path nothing = Files.createDirectory(folder.resolve("nothing"));
    writeJar(nothing, "no.such.Model");
    assertThatThrownBy(this::load).hasMessageContaining("no.such.Model");
    writeJar(nothing, "org.etalon.engine.jar.JarBackend");
    assertThatThrownBy(this::load).hasMessageContaining("names 0 backends (expected: 1)");
  }
}
