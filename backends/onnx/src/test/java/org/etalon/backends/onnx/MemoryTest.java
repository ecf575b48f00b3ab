package org.etalon.backends.onnx;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.List;
import org.etalon.engine.backend.BackendModel;
import org.etalon.engine.backend.Batch;
import org.etalon.engine.backend.Device;
import org.etalon.engine.backend.ModelInstance;
import org.etalon.engine.backend.OutputMemory;
import org.etalon.engine.testing.ResidentMemory;
import org.etalon.inference.DataType;
import org.etalon.inference.Shape;
import org.etalon.inference.Tensor;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Native memory comes back; the heap's own growth is in the bounds, so they are wide. */
final class MemoryTest {
  private static final long MAX_GROWTH_BYTES = 48L << 20;

  @TempDir Path directory;
  private OnnxFixture fixture;

  @BeforeEach
  void open() {
    fixture = new OnnxFixture(directory);
  }

  @AfterEach
  void close() {
    fixture.close();
  }

  /** Each load takes half a MiB: 200 kept would be 100 MiB. */
  @Test
  void loadingAndClosingManyTimesGivesMemoryBack() {
    loadAndClose(200);
  }

  /** Half a minute. */
  @Test
  @Tag("slow")
  void loadingAndClosingThousandsOfTimesGivesMemoryBack() {
    loadAndClose(3000);
  }

  private void loadAndClose(int times) {
    fixture.put("model.onnx", fixture.resource("mlp.onnx"));
    loadAndCloseOnce(50);
    long before = ResidentMemory.bytes();
    loadAndCloseOnce(times);
    assertThat(ResidentMemory.bytes() - before).isLessThan(MAX_GROWTH_BYTES);
  }

  private void loadAndCloseOnce(int times) {
    try (Arena arena = Arena.ofConfined();
        OutputMemory.Pool pool = new OutputMemory.Pool()) {
      MemorySegment data = arena.allocate(8 * 64 * 4, 64);
      Tensor x = new Tensor("x", DataType.FP32, Shape.of(8, 64), data);
      for (int i = 0; i < times; i++) {
        try (BackendModel model = fixture.backend().load(fixture.files(), fixture.config(""));
            ModelInstance instance = model.newInstance(Device.CPU)) {
          runAndRelease(instance, x, pool, "y");
        }
      }
    }
  }

  /** Each answer takes 256 KiB: 2000 kept would be 500 MiB. */
  @Test
  void handedOverOutputsGiveMemoryBackWhenReleased() {
    BackendModel model = fixture.load("free_length", "");
    ModelInstance instance = fixture.instance(model);
    try (Arena arena = Arena.ofConfined();
        OutputMemory.Pool pool = new OutputMemory.Pool()) {
      MemorySegment data = arena.allocate(32768 * 4, 64);
      Tensor x = new Tensor("x", DataType.FP32, Shape.of(1, 32768), data);
      for (int i = 0; i < 100; i++) {
        runAndRelease(instance, x, pool, "y");
      }
      long before = ResidentMemory.bytes();
      for (int i = 0; i < 2000; i++) {
        runAndRelease(instance, x, pool, "y");
      }
      assertThat(ResidentMemory.bytes() - before).isLessThan(MAX_GROWTH_BYTES);
    }
  }

  private static void runAndRelease(
      ModelInstance instance, Tensor x, OutputMemory.Pool pool, String output) {
    OutputMemory memory = pool.open();
    instance.execute(
        new Batch(
            Math.toIntExact(x.shape().dim(0)),
            List.of(x),
            List.of(output),
            new boolean[] {true},
            memory));
    memory.release();
  }
}
